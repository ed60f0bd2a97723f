package envoy

import (
	"os"
	"path/filepath"
	"time"

	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
	"github.com/ingress2gw/ingress2gw/test/internal/process"
)

// Options of one Envoy.
type Options struct {
	Binary       string
	Dir          string            // for its start configuration and its log
	Workload     *cluster.Workload // that it runs for; nil: the gateway
	AdminPort    int
	Discovery    Discovery
	ResolverPort int    // of a DNS server on 127.0.0.1; 0: the machine's
	ProxyConfig  []byte // Istio's proxy configuration as JSON, which istiod wants to be told
}

// Discovery is where the control plane is.
type Discovery struct {
	Port int          // on 127.0.0.1
	TLS  *Credentials // nil: in plain text
}

// Credentials are what both sides of a stream to the control plane show; files of PEM.
type Credentials struct {
	Certificate, Key string // of the proxy
	Authority        string // that signed the control plane's certificate
	ServerName       string // which the control plane's certificate has to carry
}

// Process is a running Envoy.
type Process struct {
	*process.Process
	Admin Admin
}

// Start launches Envoy; it dies with this process.
func Start(o Options) (*Process, error) {
	config, err := bootstrap(o)
	if err != nil {
		return nil, err
	}
	path := filepath.Join(o.Dir, "bootstrap.json")
	if err := os.WriteFile(path, config, 0o644); err != nil {
		return nil, err
	}
	p, err := process.Start(process.Options{
		Name: "Envoy", Log: filepath.Join(o.Dir, "envoy.log"),
		Args: []string{o.Binary, "-c", path, "--concurrency", "1", "--disable-hot-restart", "--use-dynamic-base-id", "-l", "warning"},
	})
	if err != nil {
		return nil, err
	}
	return &Process{Process: p, Admin: newAdmin(o.AdminPort)}, nil
}

// stopPatience is how long a polite request to end may take.
const stopPatience = 2 * time.Second

// Stop ends the process and waits for it, so that its ports are free.
func (p *Process) Stop() { p.Process.Stop(stopPatience) }
