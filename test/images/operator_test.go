package main

import (
	"bytes"
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	kruntime "k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/test/images/internal/inside"
)

// The operator's image works as the chart installs it: with its objects in an API server, as its service account, started as the kubelet
// starts its Deployment.
func TestTheOperatorWorksAsInstalled(t *testing.T) {
	i := built(t)["operator-"+runtime.GOARCH]
	require.NotEmpty(t, os.Getenv("KUBEBUILDER_ASSETS"), "it names no folder with etcd and kube-apiserver: run make images")
	env := &envtest.Environment{ControlPlaneStartTimeout: patience, ControlPlaneStopTimeout: patience}
	// In a network that leads nowhere it has no address but one that it would refuse as its own endpoint.
	env.ControlPlane.GetAPIServer().Configure().Set("advertise-address", "127.0.0.1").Set("endpoint-reconciler-type", "none")
	config, err := env.Start()
	t.Cleanup(func() { require.NoError(t, env.Stop()) })
	require.NoError(t, err)
	config.QPS, config.Burst = 1000, 1000
	c, err := client.New(config, client.Options{})
	require.NoError(t, err)
	for _, variant := range []string{"preview", "apply", "guard"} {
		t.Run(variant, func(t *testing.T) {
			d := install(t, c, variant)
			host, port, err := net.SplitHostPort(address(t, config.Host))
			require.NoError(t, err)
			p := asPod(t, i, d, []string{"KUBERNETES_SERVICE_HOST=" + host, "KUBERNETES_SERVICE_PORT=" + port}, nil)
			p.Mounts = append(p.Mounts, account(t, c, d, config.CAData))
			r := start(t, p)
			r.ready(d)
			r.confined()
			r.until("an IngressTranslation beside an Ingress", translates(t, c, variant))
			r.until("metrics for accounts only", func() error { return refused("https://127.0.0.1:8443/metrics") })
			r.stop()
		})
	}
}

// translates makes an Ingress for the operator, and wants to see what it says of it.
func translates(t *testing.T, c client.Client, name string) func() error {
	t.Helper()
	migration := object(t, `
apiVersion: ingress2gw.io/v1alpha1
kind: Migration
metadata: {name: all}
spec: {source: {}, gateway: {namespace: istio-ingress}, defaultPhase: preview}`)
	ingress := object(t, `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: {name: `+name+`, namespace: default}
spec:
  ingressClassName: nginx
  rules: [{host: `+name+`.test, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]`)
	apply(t, c, object(t, `{apiVersion: networking.k8s.io/v1, kind: IngressClass, metadata: {name: nginx}, spec: {controller: k8s.io/ingress-nginx}}`))
	apply(t, c, migration)
	apply(t, c, ingress)
	translation := &unstructured.Unstructured{}
	translation.SetAPIVersion("ingress2gw.io/v1alpha1")
	translation.SetKind("IngressTranslation")
	return func() error {
		err := c.Get(t.Context(), client.ObjectKeyFromObject(ingress), translation)
		if err != nil && c.Get(t.Context(), client.ObjectKeyFromObject(migration), migration) == nil {
			err = fmt.Errorf("%w; the Migration has %v", err, migration.Object["status"])
		}
		return err
	}
}

func address(t *testing.T, host string) string {
	t.Helper()
	u, err := url.Parse(host)
	require.NoError(t, err)
	if u.Host == "" {
		return host
	}
	return u.Host
}

// refused wants the answer that nobody gets in without saying who they are.
func refused(address string) error {
	nobody := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}, Timeout: time.Minute}
	response, err := nobody.Get(address)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusUnauthorized {
		return fmt.Errorf("%s answers %s", address, response.Status)
	}
	return nil
}

// install applies what the chart gives for some values.
func install(t *testing.T, c client.Client, variant string) *appsv1.Deployment {
	t.Helper()
	text, err := os.ReadFile("../../testdata/chart/" + variant + "/rendered.yaml")
	require.NoError(t, err)
	var d *appsv1.Deployment
	for document := range bytes.SplitSeq(text, []byte("\n---\n")) {
		o := object(t, string(document))
		if ns := o.GetNamespace(); ns != "" {
			err := c.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}})
			require.NoError(t, client.IgnoreAlreadyExists(err))
		}
		if o.GetKind() == "Deployment" {
			d = &appsv1.Deployment{}
			require.NoError(t, kruntime.DefaultUnstructuredConverter.FromUnstructured(o.Object, d))
		}
		apply(t, c, o)
	}
	require.NotNil(t, d, "no Deployment")
	return d
}

func object(t *testing.T, text string) *unstructured.Unstructured {
	t.Helper()
	o := &unstructured.Unstructured{}
	require.NoError(t, yaml.UnmarshalStrict([]byte(text), &o.Object))
	return o
}

// apply waits for the kind to be served, if it has just been defined.
func apply(t *testing.T, c client.Client, o *unstructured.Unstructured) {
	t.Helper()
	for end := time.Now().Add(patience); ; time.Sleep(100 * time.Millisecond) {
		err := c.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(o.DeepCopy()), client.FieldOwner("helm"), client.ForceOwnership)
		if err == nil {
			return
		}
		if !meta.IsNoMatchError(err) && !apierrors.IsNotFound(err) || time.Now().After(end) {
			t.Fatalf("%s %s: %v", o.GetKind(), o.GetName(), err)
		}
	}
}

// account is what the kubelet mounts for the service account of a Deployment.
func account(t *testing.T, c client.Client, d *appsv1.Deployment, authority []byte) inside.Mount {
	t.Helper()
	who := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: d.Namespace, Name: d.Spec.Template.Spec.ServiceAccountName}}
	request := &authenticationv1.TokenRequest{}
	require.NoError(t, c.SubResource("token").Create(t.Context(), who, request))
	dir := t.TempDir()
	for name, text := range map[string]string{"token": request.Status.Token, "ca.crt": string(authority), "namespace": d.Namespace} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644))
	}
	return inside.Mount{From: dir, To: "/var/run/secrets/kubernetes.io/serviceaccount", ReadOnly: true}
}
