// Command ingress2gw converts Kubernetes Ingresses to Istio.
package main

import (
	"os"

	_ "k8s.io/client-go/plugin/pkg/client/auth" // credentials of cloud providers, as kubectl has them

	"github.com/ingress2gw/ingress2gw/internal/cli"
)

// version is set by the linker.
var version = "dev"

func main() {
	os.Exit(cli.Main(os.Args, version))
}
