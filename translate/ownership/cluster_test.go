//go:build envtest

package ownership_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	authv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/internal/load"
	"github.com/ingress2gw/ingress2gw/internal/testcluster"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// teamGroup makes every service account of a namespace a member of its team.
const teamGroup = "system:serviceaccounts:{namespace}"

// bench is an API server with Istio's kinds, the guard, and two teams.
type bench struct {
	config *rest.Config
	admin  client.Client
	teams  map[string]client.Client // acts as a service account of the namespace
	result *translate.Result
}

var shared *bench

func TestMain(m *testing.M) {
	os.Exit(testcluster.Run(m, func(env *envtest.Environment) (err error) {
		env.Config.QPS, env.Config.Burst = 1000, 1000
		shared, err = setUp(context.Background(), env.Config)
		return err
	}))
}

// setUp converts testdata/in.yaml and applies it as in a cluster: the platform's part by the platform, the teams' parts by
// service accounts of theirs.
func setUp(ctx context.Context, config *rest.Config) (*bench, error) {
	admin, err := client.New(config, client.Options{})
	if err != nil {
		return nil, err
	}
	in, err := os.ReadFile("testdata/in.yaml")
	if err != nil {
		return nil, err
	}
	s := snapshot.New()
	load.Bytes("in.yaml", in, s)
	b := &bench{config: config, admin: admin, teams: map[string]client.Client{}}
	b.result = translate.Translate(s, translate.Options{Source: translate.SourceOptions{ControllerArgs: []string{"--enable-ssl-passthrough"}}, Target: emit.Options{RBAC: true, TeamGroup: teamGroup, NoEnvoyFilter: true}})
	for _, ns := range []string{"istio-system", "shop", "billing", "outsider"} {
		if err := admin.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}}); err != nil {
			return nil, err
		}
		if b.teams[ns], err = b.account(ctx, ns); err != nil {
			return nil, err
		}
	}
	// What was there before the guard.
	if err := admin.Create(ctx, object("{apiVersion: v1, kind: Service, metadata: {name: legacy, namespace: shop}, spec: {type: ExternalName, externalName: pay.billing.svc.cluster.local}}")); err != nil {
		return nil, err
	}
	if err := admin.Create(ctx, object("{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: old, namespace: shop, annotations: {kubernetes.io/ingress.class: istio}}, spec: {defaultBackend: {service: {name: web, port: {number: 80}}}}}")); err != nil {
		return nil, err
	}
	for _, o := range b.result.Objects {
		if o.Owner == "" || o.Kind == "ServiceEntry" {
			if err := apply(ctx, admin, o); err != nil {
				return nil, err
			}
		}
	}
	if err := b.inForce(ctx); err != nil {
		return nil, err
	}
	return b, b.setUpGateways(ctx)
}

// account is a client with the token of a service account that may what Kubernetes' role edit allows, too.
func (b *bench) account(ctx context.Context, namespace string) (client.Client, error) {
	set, err := kubernetes.NewForConfig(b.config)
	if err != nil {
		return nil, err
	}
	accounts := set.CoreV1().ServiceAccounts(namespace)
	if _, err := accounts.Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "deployer"}}, metav1.CreateOptions{}); err != nil {
		return nil, err
	}
	if err := b.admin.Create(ctx, object(fmt.Sprintf(`
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: edit, namespace: %[1]s}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: system:aggregate-to-edit}
subjects: [{kind: ServiceAccount, name: deployer, namespace: %[1]s}]`, namespace))); err != nil {
		return nil, err
	}
	token, err := accounts.CreateToken(ctx, "deployer", &authv1.TokenRequest{}, metav1.CreateOptions{})
	if err != nil {
		return nil, err
	}
	config := rest.AnonymousClientConfig(b.config)
	config.BearerToken, config.QPS, config.Burst = token.Status.Token, 1000, 1000
	return client.New(config, client.Options{})
}

func apply(ctx context.Context, c client.Client, o *manifest.Object) error {
	u := manifest.Unstructured(o)
	if err := c.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), client.FieldOwner("test"), client.ForceOwnership); err != nil {
		return fmt.Errorf("%s: %w", o.ID(), err)
	}
	return nil
}

// inForce waits until policies and roles are known to the API server: it learns of them by watching.
func (b *bench) inForce(ctx context.Context) error {
	probes := []probe{
		{"shop", "{apiVersion: networking.istio.io/v1, kind: DestinationRule, metadata: {name: probe, namespace: shop}, spec: {host: a, trafficPolicy: {tls: {mode: MUTUAL, credentialName: x}}}}", bySecrets},
		{"shop", "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: probe, namespace: shop, annotations: {kubernetes.io/ingress.class: istio}}, spec: {defaultBackend: {service: {name: a, port: {number: 80}}}}}", byClass},
	}
	for _, ns := range []string{"shop", "billing"} { // these have the role
		probes = append(probes, probe{ns, virtualService("probe", ns, "{hosts: [nobody.test], gateways: [istio-system/i2g-http], exportTo: [istio-system]}"), byHosts})
	}
	for _, ns := range []string{"shop", "billing", "outsider"} {
		probes = append(probes, probe{ns, fmt.Sprintf("{apiVersion: v1, kind: Service, metadata: {name: probe, namespace: %s}, spec: {type: ExternalName, externalName: x.third.svc.cluster.local}}", ns), byAliases})
	}
	return b.refuses(ctx, probes)
}

// probe is what is refused when a rule is known.
type probe struct{ namespace, text, stopped string }

func (b *bench) refuses(ctx context.Context, probes []probe) error {
	for _, p := range probes {
		if err := until(func() error {
			if err := b.teams[p.namespace].Create(ctx, object(p.text), client.DryRunAll); err == nil || !strings.Contains(err.Error(), p.stopped) {
				return fmt.Errorf("the guard of %s is not in force, %q is expected: %v", p.namespace, p.stopped, err)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

// until tries again for a minute, and gives the last error.
func until(try func() error) error {
	deadline := time.Now().Add(time.Minute)
	for {
		err := try()
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// object reads YAML.
func object(text string) *unstructured.Unstructured {
	u := &unstructured.Unstructured{}
	if err := yaml.Unmarshal([]byte(text), &u.Object); err != nil {
		panic(text + ": " + err.Error())
	}
	return u
}

func virtualService(name, namespace, spec string) string {
	return fmt.Sprintf("{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: %s, namespace: %s}, spec: %s}", name, namespace, spec)
}

// existing gets an object of the translation from the cluster.
func (b *bench) existing(t *testing.T, kind, namespace, name string) *unstructured.Unstructured {
	t.Helper()
	u := &unstructured.Unstructured{}
	u.SetAPIVersion("networking.istio.io/v1")
	u.SetKind(kind)
	require.NoError(t, b.admin.Get(t.Context(), client.ObjectKey{Namespace: namespace, Name: name}, u))
	return u
}

// afterwards is the context of what cleans up.
func afterwards(t *testing.T) context.Context { return context.WithoutCancel(t.Context()) }
