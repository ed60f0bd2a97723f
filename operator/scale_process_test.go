//go:build envtest && scale

package operator

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"k8s.io/client-go/discovery"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
)

// cost is what something took.
type cost struct{ wall, client, servers time.Duration }

// String implements fmt.Stringer.
func (c cost) String() string {
	return fmt.Sprintf("%s (CPU: %s, and %s of API server and etcd)", c.wall.Round(100*time.Millisecond), c.client.Round(10*time.Millisecond), c.servers.Round(10*time.Millisecond))
}

// of is a ratio.
func (c cost) of(other cost) string {
	return fmt.Sprintf("%.2f (by CPU of all processes: %.2f)", float64(c.wall)/float64(other.wall), float64(c.client+c.servers)/float64(other.client+other.servers))
}

// pid is a process, by its number or "self".
type pid string

// stat are the fields of a process after its name.
func (p pid) stat() (name string, fields []string) {
	data, err := os.ReadFile(filepath.Join("/proc", string(p), "stat"))
	if err != nil {
		return "", nil // it is gone
	}
	i, j := bytes.IndexByte(data, '('), bytes.LastIndexByte(data, ')')
	return string(data[i+1 : j]), strings.Fields(string(data[j+1:]))
}

// cpu is the processor time so far.
func (p pid) cpu() time.Duration {
	_, f := p.stat()
	if len(f) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(f[11])
	system, _ := strconv.Atoi(f[12])
	return time.Duration(user+system) * 10 * time.Millisecond
}

type processes []pid

func (ps processes) cpu() (sum time.Duration) {
	for _, p := range ps {
		sum += p.cpu()
	}
	return sum
}

// servers are the processes of etcd and the API server, which this one has started.
func (s *site) servers(t *testing.T) (out processes) {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*")
	require.NoError(t, err)
	for _, dir := range all {
		p := pid(filepath.Base(dir))
		name, f := p.stat()
		if len(f) > 1 && f[1] == strconv.Itoa(os.Getpid()) && (name == "etcd" || name == "kube-apiserver") {
			out = append(out, p)
		}
	}
	require.Len(t, out, 2)
	return out
}

// requests are numbers of requests that the API server has answered, by what was asked.
type requests map[string]float64

// requests reads them from the server's metrics.
func (s *site) requests(t *testing.T) requests {
	t.Helper()
	c, err := discovery.NewDiscoveryClientForConfig(s.config)
	require.NoError(t, err)
	data, err := c.RESTClient().Get().AbsPath("/metrics").DoRaw(t.Context())
	require.NoError(t, err)
	out := requests{}
	for line := range strings.Lines(string(data)) {
		rest, ok := strings.CutPrefix(line, "apiserver_request_total{")
		labels, value, _ := strings.Cut(rest, "} ")
		if !ok {
			continue
		}
		l := map[string]string{}
		for pair := range strings.SplitSeq(labels, ",") {
			k, v, _ := strings.Cut(pair, "=")
			l[k] = strings.Trim(v, `"`)
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		require.NoError(t, err)
		words := []string{l["verb"], l["resource"]}
		for _, k := range [...]string{"subresource", "dry_run"} {
			if l[k] != "" {
				words = append(words, l[k])
			}
		}
		if l["code"] >= "300" {
			words = append(words, l["code"])
		}
		out[strings.Join(words, " ")] += n
	}
	return out
}

// since lists what came since another count, without what there are few of.
func (r requests) since(before requests) string {
	const few = 50
	var lines []string
	for _, k := range keys(r) {
		if n := r[k] - before[k]; n >= few {
			lines = append(lines, fmt.Sprintf("%s %.0f", k, n))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, ", ")
}

// program is the operator in a process of its own.
type program struct {
	pid
	cmd *exec.Cmd
}

func (p *program) end(t *testing.T) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(os.Interrupt))
	require.NoError(t, p.cmd.Wait())
}

// build makes the program.
func build(t *testing.T) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "operator")
	c := exec.Command("go", "build", "-o", file, "../cmd/operator")
	c.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := c.CombinedOutput()
	require.NoError(t, err, "%s", out)
	return file
}

func (s *site) program(t *testing.T, binary string) *program {
	t.Helper()
	user, err := s.env.AddUser(envtest.User{Name: "scale", Groups: []string{"system:masters"}}, nil)
	require.NoError(t, err)
	kubeconfig, err := user.KubeConfig()
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "kubeconfig")
	require.NoError(t, os.WriteFile(file, kubeconfig, 0o600))
	args := []string{"--kubeconfig=" + file, "--mode=apply", "--namespace=ops", "--metrics-bind-address=0", "--health-probe-bind-address=0", "--workers=" + strconv.Itoa(clients)}
	cmd := exec.CommandContext(context.WithoutCancel(t.Context()), binary, args...)
	log := &bytes.Buffer{}
	cmd.Stderr = log
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt)
		_ = cmd.Wait()
		if t.Failed() {
			t.Log(log.String())
		}
	})
	return &program{pid(strconv.Itoa(cmd.Process.Pid)), cmd}
}

// peak is the largest resident memory so far, in MiB.
func (p *program) peak(t *testing.T) int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("/proc", string(p.pid), "status"))
	require.NoError(t, err)
	for line := range strings.Lines(string(data)) {
		if f := strings.Fields(line); f[0] == "VmHWM:" {
			kib, err := strconv.Atoi(f[1])
			require.NoError(t, err)
			return kib / 1024
		}
	}
	return 0
}
