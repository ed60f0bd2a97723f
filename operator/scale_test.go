//go:build envtest && scale

package operator

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// TestScale measures the program with SCALE Ingresses (1,000), each with a host and a Service of its own, and prints ratios to what a bare
// client needs for the same objects in the same run.
func TestScale(t *testing.T) {
	n := 1000
	if v := os.Getenv("SCALE"); v != "" {
		var err error
		n, err = strconv.Atoi(v)
		require.NoError(t, err)
	}
	const workers = 16
	ctx := t.Context()
	s := shared.site(t, "scale", func(m *v1alpha1.Migration) { m.Spec.DefaultPhase, m.Spec.Limits.Removals = v1alpha1.PhaseLive, 0 })
	parallel(workers, n, func(i int) {
		name := fmt.Sprintf("i%05d", i)
		port, kind := netv1.ServiceBackendPort{Number: 80}, netv1.PathTypePrefix
		class := s.name
		require.NoError(t, s.admin.Create(ctx, &corev1.Service{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns("shop"), Name: name}, Spec: corev1.ServiceSpec{
			ClusterIP: corev1.ClusterIPNone, Ports: []corev1.ServicePort{{Port: 80}},
		}}))
		in := &netv1.Ingress{ObjectMeta: metav1.ObjectMeta{Namespace: s.ns("shop"), Name: name}, Spec: netv1.IngressSpec{IngressClassName: &class, Rules: []netv1.IngressRule{{
			Host: name + ".test", IngressRuleValue: netv1.IngressRuleValue{HTTP: &netv1.HTTPIngressRuleValue{Paths: []netv1.HTTPIngressPath{{
				Path: "/", PathType: &kind, Backend: netv1.IngressBackend{Service: &netv1.IngressServiceBackend{Name: name, Port: port}},
			}}}},
		}}}}
		if i%10 == 0 {
			in.Annotations = map[string]string{"nginx.ingress.kubernetes.io/whitelist-source-range": "10.0.0.0/8"}
		}
		require.NoError(t, s.admin.Create(ctx, in))
	})
	p := s.program(t)
	start := time.Now()
	s.allLive(t, n, start.Add(30*time.Minute))
	synced, cpu, peak := time.Since(start), p.cpu(t), p.peak(t)

	p.end(t)
	var objects []*unstructured.Unstructured
	for _, o := range s.objects() {
		if o.GetKind() != "Secret" {
			objects = append(objects, o)
		}
	}
	start = time.Now()
	parallel(workers, len(objects), func(i int) {
		o := objects[i].DeepCopy()
		o.SetName("bare-" + o.GetName())
		o.SetLabels(nil)
		o.SetAnnotations(nil)
		o.SetManagedFields(nil)
		o.SetResourceVersion("")
		o.SetUID("")
		require.NoError(t, s.admin.Create(ctx, o))
	})
	bare := time.Since(start)
	t.Logf("initial sync of %d Ingresses, %d objects: %s, %.2f of a bare client's %s; CPU %s; peak RSS %d MiB", n, len(objects), synced.Round(time.Second), float64(synced)/float64(bare), bare.Round(time.Second), cpu, peak)

	parallel(workers, len(objects), func(i int) {
		o := objects[i].DeepCopy()
		o.SetName("bare-" + o.GetName())
		require.NoError(t, s.admin.Delete(ctx, o))
	})
	p = s.program(t)
	s.allLive(t, n, time.Now().Add(10*time.Minute))
	time.Sleep(20 * time.Second) // whatever it still does
	cpu = p.cpu(t)
	time.Sleep(20 * time.Second)
	t.Logf("at rest: %s of CPU in 20 s", p.cpu(t)-cpu)
	s.churn(t, n)
	t.Logf("after the churn: CPU %s; peak RSS %d MiB", p.cpu(t), p.peak(t))
}

// churn changes 20 Ingresses a second for two minutes and measures how long it takes until their VirtualServices say so.
func (s *site) churn(t *testing.T, n int) {
	t.Helper()
	const pause, changes = 50 * time.Millisecond, 2400
	random := rand.New(rand.NewPCG(1, 1))
	var (
		mu    sync.Mutex
		wg    sync.WaitGroup
		took  []time.Duration
		plain []time.Duration
	)
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for c := range changes {
		<-tick.C
		name := fmt.Sprintf("i%05d", random.IntN(n))
		value := strconv.Itoa(100 + c)
		s.say("shop", name, "nginx.ingress.kubernetes.io/proxy-read-timeout", value)
		if c%20 != 0 {
			continue
		}
		wg.Go(func() {
			start := time.Now()
			key := client.ObjectKey{Namespace: s.ns("shop"), Name: "i2g-" + name + ".test"}
			u := &unstructured.Unstructured{}
			u.SetAPIVersion("networking.istio.io/v1")
			u.SetKind("VirtualService")
			for time.Since(start) < time.Minute {
				if err := s.admin.Get(context.WithoutCancel(t.Context()), key, u); err == nil && strings.Contains(fmt.Sprint(u.Object["spec"]), value+"s") {
					mu.Lock()
					took = append(took, time.Since(start))
					mu.Unlock()
					break
				}
				time.Sleep(10 * time.Millisecond)
			}
			start = time.Now()
			o := u.DeepCopy()
			o.SetManagedFields(nil)
			o.SetName("bare-" + u.GetName())
			o.SetLabels(map[string]string{"c": value})
			o.SetAnnotations(nil)
			o.SetResourceVersion("")
			o.SetUID("")
			if err := s.admin.Apply(context.WithoutCancel(t.Context()), client.ApplyConfigurationFromUnstructured(o), client.FieldOwner("bare"), client.ForceOwnership); err == nil {
				mu.Lock()
				plain = append(plain, time.Since(start))
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	t.Logf("%d changes, %d measured: from change to applied p50 %s, p99 %s; a bare apply p50 %s, p99 %s", changes, len(took), at(took, 50), at(took, 99), at(plain, 50), at(plain, 99))
}

func at(ds []time.Duration, percent int) time.Duration {
	if len(ds) == 0 {
		return 0
	}
	slices.Sort(ds)
	return ds[min(len(ds)-1, len(ds)*percent/100)].Round(time.Millisecond)
}

func parallel(workers, n int, f func(int)) {
	var wg sync.WaitGroup
	slots := make(chan struct{}, workers)
	for i := range n {
		slots <- struct{}{}
		wg.Go(func() {
			defer func() { <-slots }()
			f(i)
		})
	}
	wg.Wait()
}

func (s *site) allLive(t *testing.T, n int, until time.Time) {
	t.Helper()
	for time.Now().Before(until) {
		m := &v1alpha1.Migration{}
		require.NoError(t, s.admin.Get(t.Context(), client.ObjectKey{Name: s.name}, m))
		if int(m.Status.Ingresses.Live) == n && s.migrationIs(s.name, v1alpha1.ReasonDone) == nil {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("they never become live")
}

// program is the operator in a process of its own.
type program struct {
	pid int
	cmd *exec.Cmd
}

func (p *program) end(t *testing.T) {
	t.Helper()
	require.NoError(t, p.cmd.Process.Signal(os.Interrupt))
	require.NoError(t, p.cmd.Wait())
}

func (s *site) program(t *testing.T) *program {
	t.Helper()
	dir := t.TempDir()
	build := exec.Command("go", "build", "-o", filepath.Join(dir, "operator"), "../cmd/operator")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	out, err := build.CombinedOutput()
	require.NoError(t, err, "%s", out)
	user, err := s.env.AddUser(envtest.User{Name: "scale", Groups: []string{"system:masters"}}, nil)
	require.NoError(t, err)
	kubeconfig, err := user.KubeConfig()
	require.NoError(t, err)
	file := filepath.Join(dir, "kubeconfig")
	require.NoError(t, os.WriteFile(file, kubeconfig, 0o600))
	cmd := exec.Command(filepath.Join(dir, "operator"), "--kubeconfig="+file, "--mode=apply", "--namespace=ops", "--metrics-bind-address=0", "--health-probe-bind-address=0")
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
	return &program{cmd.Process.Pid, cmd}
}

// peak is the largest resident memory so far, in MiB.
func (p *program) peak(t *testing.T) int {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.pid))
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

// cpu is the processor time so far.
func (p *program) cpu(t *testing.T) time.Duration {
	t.Helper()
	data, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.pid))
	require.NoError(t, err)
	f := strings.Fields(string(data[bytes.LastIndexByte(data, ')')+1:]))
	user, err := strconv.Atoi(f[11])
	require.NoError(t, err)
	system, err := strconv.Atoi(f[12])
	require.NoError(t, err)
	return time.Duration(user+system) * 10 * time.Millisecond
}
