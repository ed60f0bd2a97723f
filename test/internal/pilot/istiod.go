package pilot

import (
	"fmt"
	"path/filepath"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
	"github.com/ingress2gw/ingress2gw/test/internal/process"
)

// The ports of istiod, in a network namespace where all are free.
const (
	address      = "127.0.0.1"
	plainPort    = 15010
	securePort   = 15012
	monitorPort  = 15014
	webhookPort  = 15017
	debugPort    = 15080
	internalPort = 15876
)

// startPatience bounds istiod's start on a busy machine.
const startPatience = 2 * time.Minute

// startIstiod differs from an installation in three points: the keys are given, nothing is injected or deployed since no
// Pod runs, and Istio's own Envoy filters are off since the Envoy is a stock one.
func startIstiod(binary, dir, kubeconfig string, f keyFiles) (*process.Process, error) {
	at := func(port int) string { return fmt.Sprintf("%s:%d", address, port) }
	return process.Start(process.Options{
		Name: "istiod", Log: filepath.Join(dir, "istiod.log"), Dir: dir,
		Args: []string{
			binary, "discovery", "--kubeconfig", kubeconfig, "--namespace", cluster.GatewayNamespace,
			"--meshConfig", "none", "--networksConfig", "none", // the ConfigMap is watched instead
			"--grpcAddr", at(plainPort), "--secureGRPCAddr", at(securePort), "--httpAddr", at(debugPort), "--httpsAddr", at(webhookPort),
			"--monitoringAddr", at(monitorPort), "--ctrlz_address", address, "--ctrlz_port", fmt.Sprint(internalPort),
			"--tlsCertFile", f.path(serverFile + certSuffix), "--tlsKeyFile", f.path(serverFile + keySuffix), "--caCertFile", f.path(rootFile),
		},
		Env: []string{
			"POD_NAME=istiod-0", "POD_NAMESPACE=" + cluster.GatewayNamespace, "ROOT_CA_DIR=" + string(f),
			"ENABLE_LEADER_ELECTION=false", "INJECTION_WEBHOOK_CONFIG_NAME=", "VALIDATION_WEBHOOK_CONFIG_NAME=",
			"PILOT_ENABLE_GATEWAY_API_DEPLOYMENT_CONTROLLER=false", "PILOT_ENABLE_ALPN_FILTER=false", "PILOT_ENABLE_METADATA_EXCHANGE=false",
			"PILOT_DEBOUNCE_AFTER=20ms",
		},
	})
}
