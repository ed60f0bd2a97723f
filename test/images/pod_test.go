package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"github.com/ingress2gw/ingress2gw/test/images/internal/inside"
)

// asPod is an image as the kubelet starts it for a Deployment, with folders for its volumes. What that asks for and this does not give, is
// an error.
func asPod(t *testing.T, i *image, d *appsv1.Deployment, env []string, volumes map[string]string) inside.Program {
	t.Helper()
	pod := d.Spec.Template.Spec
	c := pod.Containers[0]
	require.Len(t, pod.Containers, 1)
	require.Empty(t, c.Command)
	require.True(t, *c.SecurityContext.ReadOnlyRootFilesystem)
	p := program(t, i, append(append([]string{}, i.config.Config.Entrypoint...), c.Args...)...)
	p.User = int(*pod.SecurityContext.RunAsUser)
	p.Env = append(append([]string{}, p.Env...), env...)
	for _, e := range c.Env {
		switch from := e.ValueFrom; {
		case from == nil:
			p.Env = append(p.Env, e.Name+"="+e.Value)
		case from.FieldRef != nil && from.FieldRef.FieldPath == "metadata.namespace":
			p.Env = append(p.Env, e.Name+"="+d.Namespace)
		case from.ResourceFieldRef != nil && from.ResourceFieldRef.Resource == "limits.memory":
			p.Env = append(p.Env, fmt.Sprintf("%s=%d", e.Name, c.Resources.Limits.Memory().Value()))
		default:
			t.Fatalf("the variable %s has a source that is not known here", e.Name)
		}
	}
	for _, m := range c.VolumeMounts {
		require.NotEmpty(t, volumes[m.Name], "the volume %s", m.Name)
		p.Mounts = append(p.Mounts, inside.Mount{From: volumes[m.Name], To: m.MountPath, ReadOnly: true})
	}
	return p
}

// ready waits until both probes of a Deployment succeed.
func (r *running) ready(d *appsv1.Deployment) {
	r.t.Helper()
	c := d.Spec.Template.Spec.Containers[0]
	for _, probe := range []*corev1.Probe{c.LivenessProbe, c.ReadinessProbe} {
		address := fmt.Sprintf("http://127.0.0.1:%d%s", port(r.t, c, probe.HTTPGet.Port), probe.HTTPGet.Path)
		r.until("the probe "+address, func() error { return get(address) })
	}
}

func port(t *testing.T, c corev1.Container, named intstr.IntOrString) int32 {
	t.Helper()
	for _, p := range c.Ports {
		if p.Name == named.String() {
			return p.ContainerPort
		}
	}
	t.Fatalf("no port is named %s", named.String())
	return 0
}

// confined wants a program that has no rights and cannot write, as the pod's security context says.
func (r *running) confined() {
	r.t.Helper()
	process := fmt.Sprintf("/proc/%d/", r.cmd.Process.Pid)
	status, err := os.ReadFile(process + "status")
	require.NoError(r.t, err)
	for _, line := range []string{"CapEff:\t0000000000000000", "CapPrm:\t0000000000000000", "NoNewPrivs:\t1"} {
		if !strings.Contains(string(status), "\n"+line+"\n") {
			r.t.Errorf("its status is not %q:\n%s", line, status)
		}
	}
	mounts, err := os.ReadFile(process + "mountinfo")
	require.NoError(r.t, err)
	if !regexp.MustCompile(`(?m)^\S+ \S+ \S+ \S+ / ro,`).Match(mounts) {
		r.t.Errorf("its root is not read-only:\n%s", mounts)
	}
}
