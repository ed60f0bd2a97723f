package nginx

import (
	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/model"
)

// ServerCiphers are the TLS 1.2 ciphers of a host. The oldest Ingress of the host with a value wins.
var ServerCiphers = annotations.Feature{
	Name: "server-ciphers",
	Keys: []annotations.Key{
		{
			Name: "ssl-ciphers", Syntax: "OpenSSL cipher string", Default: defaultCiphers, Setting: "ssl-ciphers", Scope: "host", Risk: "Low",
			Check: serverCiphers, Invalid: annotations.DropIngress, Class: finding.Exact,
			Doc:  "TLS 1.2 ciphers of the host.",
			Note: "the ciphers of the string, in its order",
		},
		{
			Name: "ssl-prefer-server-ciphers", Syntax: "true | false", Default: "true", Scope: "host", Risk: "Low", Check: boolean, Invalid: annotations.Ignore, Class: finding.Exact,
			Doc: "Whether the server's order of ciphers counts.", Note: "true is what the gateway does; the choice among the remaining ciphers makes no difference to security",
		},
	},
	Host: hostCiphers,
	Edge: edgeCiphers,
}

// hostCiphers fills Host.Ciphers from the oldest Ingress that states some.
func hostCiphers(h *annotations.Host) {
	var decided, preferred *annotations.Ingress
	for _, in := range h.Ingresses {
		if in.Has("ssl-prefer-server-ciphers") {
			switch {
			case preferred != nil:
				in.Overruled("ssl-prefer-server-ciphers", "an older Ingress of the host states it")
			case !in.Bool("ssl-prefer-server-ciphers"):
				in.Noop("ssl-prefer-server-ciphers", "the gateway's order of ciphers counts; all of them are safe, so no client notices")
			}
			preferred = in
		}
		if !in.Has("ssl-ciphers") {
			continue
		}
		if decided != nil {
			in.Overruled("ssl-ciphers", "an older Ingress of the host states ciphers")
			continue
		}
		decided = in
		h.Model.Ciphers = readCiphers(in.Text("ssl-ciphers"), in.Origin("ssl-ciphers"))
		switch {
		case h.Model.Ciphers == nil:
			in.Exact("ssl-ciphers", "the gateway's own choice of ciphers")
		case h.Model.Ciphers.None:
			in.Approximate("ssl-ciphers", onlyTLS13)
		default:
			if lost := lostCiphers(in.Text("ssl-ciphers"), h.Edge.HasSetting("ssl-dh-param")); lost != "" {
				in.Corner("ssl-ciphers", annotations.Quote(lost)+ciphersLost)
			}
		}
		if h.Name == catchAll && h.Model.Ciphers != nil {
			in.Manual("ssl-ciphers", "unknown hosts share the server of the default certificate, which takes the controller's setting ssl-ciphers")
			h.Model.Ciphers = nil
		}
	}
}

// edgeCiphers fills Global.Ciphers. The controller's own list needs none: what a gateway offers of it is its default.
func edgeCiphers(e *annotations.Edge) {
	if !e.HasSetting("ssl-ciphers") {
		return
	}
	v, _ := e.Settings.Get("ssl-ciphers")
	if serverCiphers(v) != nil {
		return
	}
	c := readCiphers(v, e.Settings.Origin("ssl-ciphers"))
	e.Model.Global.Ciphers = c
	if c == nil {
		return
	}
	if c.None {
		e.Setting(finding.Approximate, "ssl-ciphers", onlyTLS13)
		return
	}
	if lost := lostCiphers(v, e.HasSetting("ssl-dh-param")); lost != "" {
		e.Corner("ssl-ciphers", annotations.Quote(lost)+ciphersLost)
	}
}

const (
	onlyTLS13   = "the gateway knows none of these ciphers, so TLS 1.3 is the only version left"
	ciphersLost = " stand for ciphers that the gateway does not have; clients that know no others cannot connect by TLS 1.2 any more"
)

// readCiphers reads a cipher string; nil leaves the choice to the gateway.
func readCiphers(list string, o finding.Origin) *model.Ciphers {
	if list == defaultCiphers {
		return nil
	}
	names, unusable := cipherNames(list)
	if len(names) == 0 && !unusable {
		return nil
	}
	return &model.Ciphers{Names: names, None: unusable, Origin: o}
}

// defaultCiphers are those of the controller.
const defaultCiphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-RSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384:ECDHE-RSA-AES256-GCM-SHA384:" +
	"ECDHE-ECDSA-CHACHA20-POLY1305:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-AES256-GCM-SHA384:DHE-RSA-AES128-GCM-SHA256"
