package reports

import (
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// gatewayParts are a Gateway taken apart, so that the servers of one Ingress can be shown without looking at all.
type gatewayParts struct {
	head, rest manifest.Map // what comes before the servers and, within spec, after them
	servers    []serverParts
}

type serverParts struct {
	tree    manifest.Map        // the server; hosts are to be replaced
	written map[string][]string // name → as written, with the namespace that may bind it
	count   int                 // of hosts
	https   bool
}

func takeApart(o *manifest.Object) *gatewayParts {
	g := &gatewayParts{}
	for _, f := range o.Tree() {
		if f.Key != "spec" {
			g.head = append(g.head, f)
			continue
		}
		spec, _ := f.Value.(manifest.Map)
		for _, part := range spec {
			if part.Key != "servers" {
				g.rest = append(g.rest, part)
				continue
			}
			for _, s := range items(part.Value) {
				g.servers = append(g.servers, serverOf(s))
			}
		}
	}
	return g
}

func serverOf(server any) serverParts {
	tree, _ := server.(manifest.Map)
	s := serverParts{tree: tree, written: map[string][]string{}, https: under(tree, "tls") != nil && under(tree, "tls", "mode") != nil}
	written := items(under(tree, "hosts"))
	s.count = len(written)
	for i, name := range serverHosts(tree) {
		s.written[name] = append(s.written[name], text(written[i]))
	}
	return s
}
