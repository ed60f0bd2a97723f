package operator

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/manager"

	"github.com/ingress2gw/ingress2gw/operator/sync"
	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// previewServer serves the current translation on an address of the machine's own. It is open to whoever can connect, so that
// other addresses are refused; a port forwarded by kubectl ends at one, and the API server says who may forward it.
func previewServer(address string, current func() *sync.Current) (*manager.Server, error) {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return nil, fmt.Errorf("--preview-bind-address: %w", err)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("--preview-bind-address: %q is not a loopback address such as 127.0.0.1", host)
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("--preview-bind-address: %w", err)
	}
	wait := 5 * time.Second
	return &manager.Server{
		Name: "preview", Listener: listener, ShutdownTimeout: &wait,
		Server: &http.Server{Handler: previewHandler(current), ReadHeaderTimeout: wait, IdleTimeout: time.Minute},
	}, nil
}

func previewHandler(current func() *sync.Current) http.Handler {
	mux := http.NewServeMux()
	serve := func(path, contentType string, write func(io.Writer, *sync.Current) error) {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) {
			now := current()
			switch {
			case !localName(r.Host):
				http.Error(w, "use the name localhost", http.StatusForbidden)
				return
			case now == nil:
				http.Error(w, "there is no translation yet", http.StatusServiceUnavailable)
				return
			}
			w.Header().Set("Content-Type", contentType)
			w.Header().Set("X-Content-Type-Options", "nosniff")
			w.Header().Set("Cache-Control", "no-store")
			w.Header().Set("ETag", `"`+now.Hash+`"`)
			b := bufio.NewWriterSize(w, 1<<16)
			if write(b, now) != nil || b.Flush() != nil {
				panic(http.ErrAbortHandler) // so that the client does not take a part for the whole
			}
		})
	}
	serve("/translation", "application/yaml", func(w io.Writer, c *sync.Current) error { return manifest.WriteYAML(w, c.Objects...) })
	serve("/report", "application/json", func(w io.Writer, c *sync.Current) error { return reports.WriteJSON(w, c.Report) })
	serve("/mesh-config", "application/yaml", func(w io.Writer, c *sync.Current) error {
		data, err := manifest.YAML(append(manifest.Map{}, c.MeshConfig...))
		if err == nil {
			_, err = w.Write(data)
		}
		return err
	})
	return mux
}

// localName tells whether a Host header names this machine. A page in somebody's browser, whose own name was made to point
// here, does not.
func localName(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}
