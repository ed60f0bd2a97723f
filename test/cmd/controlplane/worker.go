package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"syscall"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	"github.com/ingress2gw/ingress2gw/test/internal/cluster"
	"github.com/ingress2gw/ingress2gw/test/internal/envoy"
	"github.com/ingress2gw/ingress2gw/test/internal/istiod"
	"github.com/ingress2gw/ingress2gw/test/internal/sandbox"
)

// job is one measurement.
type job struct {
	Fleet         string
	Ingresses     int
	Objects, Mesh string // files
	Envoy, Dir    string
}

// result is what one measurement gave, in seconds.
type result struct{ Wall, CPU float64 }

// work measures, and prints the result.
func work(spec string) error {
	var j job
	if err := json.Unmarshal([]byte(spec), &j); err != nil {
		return err
	}
	if sandbox.Level(os.Getenv("I2G_SANDBOX")).Isolated() {
		if err := sandbox.Enter("127.0.0.1", j.Dir); err != nil {
			return err
		}
	}
	istiod.Prepare()
	backend, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", backendPort))
	if err != nil {
		return err
	}
	defer backend.Close()
	go func() { _ = http.Serve(backend, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})) }() // ends with the process
	r, err := j.measure()
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}

func (j job) measure() (result, error) {
	var r result
	stream, err := os.ReadFile(j.Objects)
	if err != nil {
		return r, err
	}
	fragment, err := os.ReadFile(j.Mesh)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return r, err
	}
	mesh, err := istiod.Mesh(fragment)
	if err != nil {
		return r, err
	}
	proxyConfig, err := protojson.Marshal(mesh.DefaultConfig)
	if err != nil {
		return r, err
	}
	translation, err := istiod.Read(string(stream))
	if err != nil {
		return r, err
	}
	if len(translation.Refused) > 0 {
		return r, fmt.Errorf("istio refuses %s", translation.Refused[0])
	}
	options := istiod.Options{
		Objects: objects(j.Ingresses), Translation: translation, Mesh: mesh,
		Identity: cluster.Gateway().Identity().String(),
	}
	begin, used := time.Now(), cpu(syscall.RUSAGE_SELF)
	var failed error
	err = istiod.Run(options, func(plane *istiod.Plane) {
		var proxy *envoy.Process
		if proxy, failed = envoy.Start(envoy.Options{Binary: j.Envoy, Dir: j.Dir, AdminPort: 15000, Discovery: envoy.Discovery{Port: plane.Port}, ProxyConfig: proxyConfig}); failed != nil {
			return
		}
		defer proxy.Admin.Close()
		failed = j.firstAnswer(plane, proxy)
		r.Wall, r.CPU = time.Since(begin).Seconds(), cpu(syscall.RUSAGE_SELF)-used
		proxy.Stop()
		r.CPU += cpu(syscall.RUSAGE_CHILDREN)
	})
	return r, errors.Join(err, failed)
}

// patience bounds the wait for the first answer.
const patience = 3 * time.Minute

// firstAnswer waits until the last host is served.
func (j job) firstAnswer(plane *istiod.Plane, proxy *envoy.Process) error {
	client := &http.Client{Timeout: 5 * time.Second}
	last := ""
	for begin := time.Now(); time.Since(begin) < patience; time.Sleep(5 * time.Millisecond) {
		if !proxy.Alive() {
			return fmt.Errorf("the proxy died: %.400s", proxy.Log())
		}
		req, err := http.NewRequest(http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/", cluster.HTTPPort), nil)
		if err != nil {
			return err
		}
		req.Host = host(j.Ingresses - 1)
		resp, err := client.Do(req)
		if err != nil {
			last = err.Error()
			continue
		}
		resp.Body.Close()
		if resp.StatusCode == http.StatusOK {
			return nil
		}
		last = resp.Status
	}
	return fmt.Errorf("no answer within %v (%s; refused by the proxy: %q)", patience, last, plane.Progress().Refused)
}

// cpu is the CPU time of this process, or of its children that ended.
func cpu(who int) float64 {
	var u syscall.Rusage
	if syscall.Getrusage(who, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) / 1e9
}
