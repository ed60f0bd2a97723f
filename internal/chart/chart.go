// Package chart makes the files of the Helm chart that come from code: the guard and the CRDs. The chart cannot read what is
// outside its folder.
package chart

import (
	"bytes"
	"io/fs"
	"path"
	"strings"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/ownership"
)

//go:generate go run ./gen

// Folder is the chart, seen from the top of the repository.
const Folder = "deploy/chart/ingress2gw"

// What stands for values in the guard; the template puts them in.
const (
	GatewayNamespace = "GATEWAY-NAMESPACE"
	ClusterDomain    = "CLUSTER-DOMAIN"
	// bindNamespaces stands, with the gateway's own, for the namespaces of all gateways.
	bindNamespaces = "BIND-NAMESPACES"
	selector       = `"GATEWAY-LABELS"` // in quotes, so that YAML does not put others around it that would clash with those of the labels
	httpPort       = "GATEWAY-HTTP-PORT"
	httpsPort      = "GATEWAY-HTTPS-PORT"
)

// Generated is the first line of every file.
const Generated = "# Written by `make generate`. Changes are lost.\n"

// Files are the generated files of the chart by their path in it. root is the top of the repository.
func Files(root fs.FS) (map[string][]byte, error) {
	out := map[string][]byte{}
	for name, teams := range map[string]bool{"files/guard.yaml": false, "files/guard-team-gateways.yaml": true} {
		guard := bytes.NewBufferString(Generated)
		objects := ownership.Guard(ownership.Options{
			GatewayNamespace: GatewayNamespace, BindNamespaces: []string{bindNamespaces}, ClusterDomain: ClusterDomain,
			OwnGateways: teams, Selector: selector, HTTPPort: httpPort, HTTPSPort: httpsPort,
		})
		if err := manifest.WriteYAML(guard, objects...); err != nil {
			return nil, err
		}
		out[name] = guard.Bytes()
	}
	crds, err := fs.ReadDir(root, "deploy/crds")
	if err != nil {
		return nil, err
	}
	for _, f := range crds {
		if !strings.HasPrefix(f.Name(), "ingress2gw.io_") {
			continue
		}
		text, err := fs.ReadFile(root, path.Join("deploy/crds", f.Name()))
		if err != nil {
			return nil, err
		}
		out[path.Join("files/crds", f.Name())] = append([]byte(Generated), text...)
	}
	return out, nil
}
