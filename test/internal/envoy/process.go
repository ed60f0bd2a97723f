package envoy

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// Options of one Envoy.
type Options struct {
	Binary        string
	Dir           string // for its start configuration and its log
	AdminPort     int
	DiscoveryPort int
	ResolverPort  int    // of a DNS server on 127.0.0.1; 0: the machine's
	ProxyConfig   []byte // Istio's proxy configuration as JSON, which istiod wants to be told
}

// Process is a running Envoy.
type Process struct {
	Admin  Admin
	log    string
	cmd    *exec.Cmd
	exited chan struct{}
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
	p := &Process{Admin: newAdmin(o.AdminPort), log: filepath.Join(o.Dir, "envoy.log"), exited: make(chan struct{})}
	log, err := os.Create(p.log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	p.cmd = exec.Command(o.Binary, "-c", path, "--concurrency", "1", "--disable-hot-restart", "--use-dynamic-base-id", "-l", "warning")
	p.cmd.Stdout, p.cmd.Stderr = log, log
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start Envoy: %w", err)
	}
	go func() {
		_ = p.cmd.Wait() // how it ended is in its log
		close(p.exited)
	}()
	return p, nil
}

// Alive tells whether the process is still there.
func (p *Process) Alive() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// stopPatience is how long a polite request to end may take.
const stopPatience = 2 * time.Second

// Stop ends the process and waits for it, so that its ports are free.
func (p *Process) Stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.exited:
	case <-time.After(stopPatience):
		_ = p.cmd.Process.Kill()
		<-p.exited
	}
}

// Log is what Envoy wrote so far.
func (p *Process) Log() string {
	b, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(b)
}
