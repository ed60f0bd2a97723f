//go:build envtest

package ownership_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/ownership"
)

// What stops an attack by a Gateway.
const (
	byPlatform    = `is the platform's to write`
	byInternal    = `annotations of internal.istio.io are for what istiod itself makes`
	bySelector    = `the selector must be {"istio":"edge"}`
	byFields      = `servers of teams have port, hosts, tls and name only, and at least one host`
	byPorts       = `ports of teams are 80 with HTTP and 443 with HTTPS or TLS`
	byServerHosts = `namespace front may not list `
	byPlainTLS    = `a server with HTTP has no tls but httpsRedirect`
	byPassthrough = `a server with TLS has the mode PASSTHROUGH`
	byHTTPS       = `a server with HTTPS has the mode SIMPLE, MUTUAL or OPTIONAL_MUTUAL`
	byCredential  = `credentialName and caCertCredentialName must begin with the namespace and a dot`
)

// teamGateways is a guard for a gateway in namespace edge on which teams have Gateways of their own.
var teamGateways = ownership.Options{
	GatewayNamespace: "edge", ClusterDomain: "cluster.local", Group: teamGroup, OwnGateways: true, Selector: ownership.Labels(map[string]string{"istio": "edge"}),
}

// setUpGateways adds that guard, for the teams front and back, and lets the account of namespace outsider write Gateways: the
// first guard leaves that to roles, too.
func (b *bench) setUpGateways(ctx context.Context) (err error) {
	for _, ns := range []string{"edge", "front", "back", "frontier"} {
		if err := b.admin.Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}}); err != nil {
			return err
		}
		if b.teams[ns], err = b.account(ctx, ns); err != nil {
			return err
		}
	}
	for _, text := range []string{
		"{apiVersion: rbac.authorization.k8s.io/v1, kind: ClusterRole, metadata: {name: writes-gateways}, rules: [{apiGroups: [networking.istio.io], resources: [gateways], verbs: ['*']}]}",
		"{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: gateways, namespace: outsider}, roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: writes-gateways}, subjects: [{kind: ServiceAccount, name: deployer, namespace: outsider}]}",
		gateway("before", "front", "{selector: {istio: edge}, servers: [{port: {number: 8080, name: tcp, protocol: TCP}, hosts: ['*']}]}"),
	} {
		if err := b.admin.Create(ctx, object(text)); err != nil {
			return err
		}
	}
	claims := &ownership.Claims{}
	claims.Host("front.example.com", "front")
	claims.Host("www.front.example.com", "front")
	claims.Host("*.front.example.com", "front")
	claims.Host("*", "front")
	claims.Host("back.example.com", "back")
	claims.Host("vip.front.example.com", "back")
	claims.Host("both.example.com", "back")
	claims.Host("both.example.com", "front")
	claims.Nobody("platform.example.com")
	claims.Server("edge-cert", "front")
	claims.Server("kubernetes-gateway://common/wildcard", "front")
	claims.Secret("common.client", "front")
	objects, _ := ownership.Objects(teamGateways, claims, []string{"front", "back"})
	for _, o := range objects {
		u := manifest.Unstructured(o)
		if o.Kind == "ValidatingAdmissionPolicyBinding" {
			if err := leavesAlone(u); err != nil {
				return err
			}
		}
		if err := b.admin.Apply(ctx, client.ApplyConfigurationFromUnstructured(u), client.FieldOwner("test"), client.ForceOwnership); err != nil {
			return err
		}
	}
	if err := b.setElsewhere(ctx, "yes"); err != nil {
		return err
	}
	return b.refuses(ctx, []probe{
		{"back", gateway("probe", "back", own(http("back/nobody.test"))), "may not list back/nobody.test"},
		{"outsider", gateway("probe", "outsider", "{selector: {istio: ingressgateway}, servers: []}"), byPlatform},
		{"front", gateway("probe", "front", "{selector: {istio: edge, app: edge}, servers: []}"), bySelector},
		{"front", gateway("probe", "front", own(http("front/nobody.test"))), byServerHosts},
		{"front", virtualService("probe", "front", "{hosts: [nobody.test], gateways: [probe], exportTo: [edge]}"), byHosts},
	})
}

// leavesAlone makes a binding leave namespaces alone whose tests are about the other guard: of two that refuse an object, either may
// say so.
func leavesAlone(binding *unstructured.Unstructured) error {
	return unstructured.SetNestedSlice(binding.Object, []any{map[string]any{"key": "elsewhere", "operator": "DoesNotExist"}}, "spec", "matchResources", "namespaceSelector", "matchExpressions")
}

// elsewhere marks a namespace as one of these, or with null as none.
func elsewhere(yes string) client.Patch {
	return client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"labels":{"elsewhere":`+map[string]string{"yes": `"yes"`, "": "null"}[yes]+`}}}`))
}

// setElsewhere marks the namespaces whose tests are about the other guard, and waits until the API server knows: it learns of
// labels by watching.
func (b *bench) setElsewhere(ctx context.Context, yes string) error {
	for _, ns := range []string{"shop", "billing", "outsider"} {
		if err := b.admin.Patch(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: ns}}, elsewhere(yes)); err != nil {
			return err
		}
		probe := object(virtualService("probe", ns, "{hosts: [nobody.test], gateways: [probe], exportTo: [edge]}"))
		if err := until(func() error {
			if err := b.admin.Create(ctx, probe.DeepCopy(), client.DryRunAll); (err == nil) != (yes != "") {
				return fmt.Errorf("the label elsewhere=%q of %s is not known: %v", yes, ns, err)
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func gateway(name, namespace, spec string) string {
	return fmt.Sprintf("{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: %s, namespace: %s}, spec: %s}", name, namespace, spec)
}

// own is a Gateway for the platform's pods.
func own(servers ...string) string {
	return "{selector: {istio: edge}, servers: [" + strings.Join(servers, ", ") + "]}"
}

// server has hosts that are joined by commas.
func server(number int, protocol, hosts, rest string) string {
	return fmt.Sprintf("{port: {number: %d, name: %s, protocol: %s}, hosts: [%s]%s}", number, strings.ToLower(protocol), protocol, hosts, rest)
}

func http(hosts string) string { return server(80, "HTTP", hosts, "") }

// https has further settings below tls.
func https(hosts, credential, settings string) string {
	return server(443, "HTTPS", hosts, ", tls: {mode: SIMPLE, credentialName: '"+credential+"'"+settings+"}")
}

// Each attack is the specification of a Gateway, or an object, that a service account of namespace front creates. front owns
// front.example.com, www.front.example.com, the wildcard *.front.example.com and unknown hosts, and both.example.com with back.
func TestAttacksByGateways(t *testing.T) {
	const cert = "front.web"
	for name, a := range map[string]struct{ spec, stopped string }{
		// Whose pods.
		"no selector: every gateway":              {"{servers: [" + http("front/front.example.com") + "]}", bySelector},
		"an empty selector: every gateway":        {"{selector: {}, servers: [" + http("front/front.example.com") + "]}", bySelector},
		"another label of the same pods":          {"{selector: {app: edge}, servers: [" + http("front/front.example.com") + "]}", bySelector},
		"more labels, which the pods may have":    {"{selector: {istio: edge, app: edge}, servers: [" + http("front/front.example.com") + "]}", bySelector},
		"another label, for a host of another":    {"{selector: {pod-template-hash: abc}, servers: [" + http("back.example.com") + "]}", bySelector},
		"the pods by a Service, as istiod writes": {gateway("attack", "front", "{selector: {istio: none}, servers: ["+http("'*'")+"]}"), byInternal},
		"passing for a part of the platform":      {gateway("attack", "front", own(http("front/front.example.com"))), byInternal},

		// Hosts.
		"a host of another team":                                  {own(http("front/back.example.com")), byServerHosts},
		"a host of another team beside an own one":                {own(http("front/front.example.com, front/back.example.com")), byServerHosts},
		"a host of another team in a second server":               {own(http("front/front.example.com"), https("front/back.example.com", cert, "")), byServerHosts},
		"a host of another team for its own namespace":            {own(http("back/back.example.com")), byServerHosts},
		"a host of another team for everybody":                    {own(http("back.example.com")), byServerHosts},
		"an own host for everybody":                               {own(http("front.example.com")), byServerHosts},
		"an own host for every namespace":                         {own(http("'*/front.example.com'")), byServerHosts},
		"an own host for another namespace":                       {own(http("back/front.example.com")), byServerHosts},
		"an own host with a dot for the namespace":                {own(http("./front.example.com")), byServerHosts},
		"an own host with no namespace before the slash":          {own(http("/front.example.com")), byServerHosts},
		"an own host for a namespace that begins alike":           {own(http("frontier/front.example.com")), byServerHosts},
		"an own host for the platform alone":                      {own(http("edge/front.example.com")), byServerHosts},
		"a host of another team for the platform":                 {own(http("front/front.example.com, edge/back.example.com")), byServerHosts},
		"a host of the platform":                                  {own(http("front/platform.example.com")), byServerHosts},
		"every host":                                              {own(http("'*'")), byServerHosts},
		"every host of every namespace":                           {own(http("'*/*'")), byServerHosts},
		"every TLS name, where the platform has the one such":     {own(https("front/*", cert, "")), byServerHosts},
		"every TLS name for everybody":                            {own(https("'*'", cert, "")), byServerHosts},
		"a host that nobody owns":                                 {own(http("front/new.example.com")), byServerHosts},
		"a host of another team below an own wildcard":            {own(http("front/vip.front.example.com")), byServerHosts},
		"a wildcard over hosts of others":                         {own(http("front/*.example.com")), byServerHosts},
		"an own host in capitals: the port refuses two of a kind": {own(https("front/FRONT.example.com", cert, "")), byServerHosts},
		"an own host with a dot at the end":                       {own(https("front/front.example.com.", cert, "")), byServerHosts},
		"an underscore for the star of a wildcard":                {own(https("front/_.front.example.com", cert, "")), byServerHosts},
		"the key of a claim on a certificate":                     {own(http("front/server_edge-cert")), byServerHosts},
		"TLS for a host that is another's, too":                   {own(https("front/both.example.com", cert, "")), byServerHosts},
		"a stream of a host that is another's, too":               {own(server(443, "TLS", "front/both.example.com", ", tls: {mode: PASSTHROUGH}")), byServerHosts},
		"TLS under a second spelling for the platform":            {own(https("edge/front.example.com", cert, "")), byServerHosts},

		"no host, which is every name by TLS": {own(https("", cert, "")), byFields},

		// Ports.
		"a port of the gateway's own":     {own(server(15021, "HTTP", "front/front.example.com", "")), byPorts},
		"the port behind the Service":     {own(server(8443, "HTTPS", "front/front.example.com", ", tls: {mode: SIMPLE, credentialName: front.web}")), byPorts},
		"a stream on the port of HTTP":    {own(server(80, "TCP", "front/front.example.com", "")), byPorts},
		"a stream on the port of HTTPS":   {own(server(443, "TCP", "front/front.example.com", "")), byPorts},
		"a database on the port of HTTPS": {own(server(443, "MYSQL", "front/front.example.com", "")), byPorts},
		"plain HTTP on the port of HTTPS": {own(server(443, "HTTP", "front/front.example.com", "")), byPorts},
		"HTTPS on the port of HTTP":       {own(server(80, "HTTPS", "front/front.example.com", ", tls: {mode: SIMPLE, credentialName: front.web}")), byPorts},
		"TLS on the port of HTTP":         {own(server(80, "TLS", "front/front.example.com", ", tls: {mode: PASSTHROUGH}")), byPorts},
		"gRPC on the port of HTTP":        {own(server(80, "GRPC", "front/front.example.com", "")), byPorts},
		"a protocol in another spelling":  {own(server(443, "https", "front/front.example.com", ", tls: {mode: SIMPLE, credentialName: front.web}")), byPorts},
		"an address of its own":           {own(server(80, "HTTP", "front/front.example.com", ", bind: 127.0.0.1")), byFields},
		"a socket of the pod":             {own(server(80, "HTTP", "front/front.example.com", ", bind: unix:///var/run/secrets/x")), byFields},
		"an endpoint of the pod":          {own(server(80, "HTTP", "front/front.example.com", ", defaultEndpoint: 127.0.0.1:15000")), byFields},
		"another port of the pod":         {own("{port: {number: 80, name: http, protocol: HTTP, targetPort: 15000}, hosts: [front/front.example.com]}"), byFields},

		// TLS.
		"TLS on the port of HTTP by settings":             {own(server(80, "HTTP", "front/front.example.com", ", tls: {mode: SIMPLE, credentialName: front.web}")), byPlainTLS},
		"TLS beside a redirect":                           {own(server(80, "HTTP", "front/front.example.com", ", tls: {httpsRedirect: true, mode: MUTUAL, credentialName: front.web}")), byPlainTLS},
		"HTTPS without settings":                          {own(server(443, "HTTPS", "front/front.example.com", "")), byHTTPS},
		"HTTPS without a mode":                            {own(server(443, "HTTPS", "front/front.example.com", ", tls: {credentialName: front.web}")), byHTTPS},
		"HTTPS that redirects to itself":                  {own(https("front/front.example.com", cert, ", httpsRedirect: true")), byHTTPS},
		"HTTPS that passes through":                       {own(server(443, "HTTPS", "front/front.example.com", ", tls: {mode: PASSTHROUGH}")), byHTTPS},
		"HTTPS with the mesh's certificate":               {own(server(443, "HTTPS", "front/front.example.com", ", tls: {mode: ISTIO_MUTUAL}")), byHTTPS},
		"HTTPS to whatever SNI says":                      {own(server(443, "HTTPS", "front/front.example.com", ", tls: {mode: AUTO_PASSTHROUGH}")), byHTTPS},
		"a stream to whatever SNI says":                   {own(server(443, "TLS", "front/front.example.com", ", tls: {mode: AUTO_PASSTHROUGH}")), byPassthrough},
		"a stream with the mesh's certificate":            {own(server(443, "TLS", "front/front.example.com", ", tls: {mode: ISTIO_MUTUAL}")), byPassthrough},
		"a stream that is decrypted":                      {own(server(443, "TLS", "front/front.example.com", ", tls: {mode: SIMPLE, credentialName: front.web}")), byPassthrough},
		"a stream of names that have servers, too":        {own(server(443, "TLS", "front/*.front.example.com", ", tls: {mode: PASSTHROUGH}")), byPassthrough},
		"a stream without settings":                       {own(server(443, "TLS", "front/front.example.com", "")), byPassthrough},
		"a cipher that the proxy lacks":                   {own(https("front/front.example.com", cert, ", cipherSuites: [ECDHE-RSA-AES256-GCM-SHA384, DES-CBC3-SHA]")), byHTTPS},
		"a fingerprint that is none":                      {own(https("front/front.example.com", cert, ", verifyCertificateHash: [x]")), byHTTPS},
		"a public key that is none":                       {own(https("front/front.example.com", cert, ", verifyCertificateSpki: [x]")), byHTTPS},
		"names that clients must have":                    {own(https("front/front.example.com", cert, ", subjectAltNames: ['']")), byHTTPS},
		"files of the gateway":                            {own(server(443, "HTTPS", "front/front.example.com", ", tls: {mode: SIMPLE, serverCertificate: /etc/certs/tls.crt, privateKey: /etc/certs/tls.key}")), byHTTPS},
		"files of the gateway in a list":                  {own(https("front/front.example.com", cert, ", tlsCertificates: [{serverCertificate: /etc/certs/tls.crt, privateKey: /etc/certs/tls.key}]")), byHTTPS},
		"a CA in a file of the gateway":                   {own(https("front/front.example.com", cert, ", caCertificates: /etc/certs/ca.crt")), byHTTPS},
		"no certificate":                                  {own(server(443, "HTTPS", "front/front.example.com", ", tls: {mode: SIMPLE}")), byCredential},
		"an empty name of a certificate":                  {own(https("front/front.example.com", "", "")), byCredential},
		"a certificate of another team":                   {own(https("front/front.example.com", "back.web", "")), byCredential},
		"a certificate of the gateway":                    {own(https("front/front.example.com", "wildcard", "")), byCredential},
		"a certificate of a team named alike":             {own(https("front/front.example.com", "frontier.web", "")), byCredential},
		"a client certificate that it may name elsewhere": {own(https("front/front.example.com", "common.client", "")), byCredential},
		"a certificate by a scheme":                       {own(https("front/front.example.com", "kubernetes://back.web", "")), byCredential},
		"a certificate by its namespace":                  {own(https("front/front.example.com", "kubernetes-gateway://back/web", "")), byCredential},
		"a certificate by a namespace named alike":        {own(https("front/front.example.com", "kubernetes-gateway://frontier/web", "")), byCredential},
		"a certificate of the gateway by its namespace":   {own(https("front/front.example.com", "kubernetes-gateway://edge/wildcard", "")), byCredential},
		"a certificate of the gateway's image":            {own(https("front/front.example.com", "builtin://", "")), byCredential},
		"several certificates":                            {own(server(443, "HTTPS", "front/front.example.com", ", tls: {mode: SIMPLE, credentialNames: [front.web, back.web]}")), byHTTPS},
		"a CA of another team":                            {own(https("front/front.example.com", cert, ", caCertCredentialName: back.ca-cacert")), byCredential},
		"a CA of another team by its namespace":           {own(https("front/front.example.com", cert, ", caCertCredentialName: 'kubernetes-gateway://back/ca-cacert'")), byCredential},

		// Versions and places.
		"an older version of the API":           {strings.Replace(gateway("attack", "front", own(http("front/back.example.com"))), "istio.io/v1,", "istio.io/v1beta1,", 1), byServerHosts},
		"the oldest version of the API":         {strings.Replace(gateway("attack", "front", own(http("front/back.example.com"))), "istio.io/v1,", "istio.io/v1alpha3,", 1), byServerHosts},
		"a generated name":                      {strings.Replace(gateway("attack", "front", own(http("front/back.example.com"))), "name: attack", "generateName: attack-", 1), byServerHosts},
		"a Gateway in the gateway's namespace":  {gateway("attack", "edge", own(http("front/front.example.com"))), byRole},
		"a Gateway in another team's namespace": {gateway("attack", "back", own(http("back/back.example.com"))), byRole},

		// Routes on an own Gateway.
		"routes for a host of another below an own wildcard": {virtualService("attack", "front", "{hosts: [vip.front.example.com], gateways: [mine], exportTo: [edge], http: ["+toMine+"]}"), byHosts},
		"routes for a host of another on an own Gateway":     {virtualService("attack", "front", "{hosts: [back.example.com], gateways: [front/mine], exportTo: [edge], http: ["+toMine+"]}"), byHosts},
		"routes on the Gateway of another team":              {virtualService("attack", "front", "{hosts: [back.example.com], gateways: [back/theirs], exportTo: [edge], http: ["+toMine+"]}"), byHosts},
		"an own Gateway beside the mesh":                     {virtualService("attack", "front", "{hosts: [back.example.com], gateways: [mesh, mine], exportTo: [edge], http: ["+toMine+"]}"), byHosts},
		"a foreign Service by an own Gateway":                {virtualService("attack", "front", "{hosts: [front.example.com], gateways: [mine], exportTo: [edge], http: [{route: [{destination: {host: web.back.svc.cluster.local}}]}]}"), byDest},
		"the admin port by an own Gateway":                   {virtualService("attack", "front", "{hosts: [front.example.com], gateways: [mine], exportTo: [edge], http: [{route: [{destination: {host: 127.0.0.1, port: {number: 15000}}}]}]}"), byDest},
		"another's route name by an own Gateway":             {virtualService("attack", "front", "{hosts: [front.example.com], gateways: [mine], exportTo: [edge], http: [{name: back/web, "+toMine[1:]+"]}"), byNames},
		"an export to everybody by an own Gateway":           {virtualService("attack", "front", "{hosts: [front.example.com], gateways: [mine], http: ["+toMine+"]}"), `exportTo must be ["edge"]`},
	} {
		t.Run(name, func(t *testing.T) {
			text := a.spec
			if !strings.HasPrefix(text, "{apiVersion") {
				text = gateway("attack", "front", text)
			}
			u := object(text)
			if a.stopped == byInternal {
				u.SetAnnotations(map[string]string{"internal.istio.io/gateway-service": "edge.edge.svc.cluster.local", "internal.istio.io/parent-namespace": "edge"})
			}
			err := shared.teams["front"].Create(t.Context(), u)
			require.Error(t, err)
			if !stops(err, a.stopped) {
				t.Errorf("stopped by %v, want %q", err, a.stopped)
			}
		})
	}
}

// stops tells whether it is this that stopped an attack. A selector that may fit everything is stopped by either guard.
func stops(err error, by string) bool {
	text := err.Error()
	return strings.Contains(text, by) || (by == bySelector || by == byPlatform) && (strings.Contains(text, byPlatform) || strings.Contains(text, bySelector))
}

const toMine = "{route: [{destination: {host: web.front.svc.cluster.local}}]}"

// A VirtualService that passes for one that istiod made of another kind is read by other rules.
func TestAttackByADisguisedVirtualService(t *testing.T) {
	u := object(virtualService("attack", "shop", route("shop.example.com", toOwn)))
	u.SetAnnotations(map[string]string{"internal.istio.io/route-semantics": "gateway"})
	err := shared.teams["shop"].Create(t.Context(), u)
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), byInternal) {
		t.Errorf("stopped by %v, want %q", err, byInternal)
	}
}

// Where Gateways are the platform's, a role that is too wide does not make them anybody else's.
func TestAttacksByGatewaysThatARoleAllows(t *testing.T) {
	for name, spec := range map[string]string{
		"the platform's pods":   "{selector: {istio: ingressgateway}, servers: [" + http("'*'") + "]}",
		"no selector":           "{servers: [" + http("'*'") + "]}",
		"an empty selector":     "{selector: {}, servers: [" + http("'*'") + "]}",
		"another label of them": "{selector: {app: istio-ingressgateway}, servers: [" + https("outsider/shop.example.com", "x", "") + "]}",
		"more labels":           "{selector: {istio: ingressgateway, app: istio-ingressgateway}, servers: [" + http("'*'") + "]}",
	} {
		t.Run(name, func(t *testing.T) {
			err := shared.teams["outsider"].Create(t.Context(), object(gateway("attack", "outsider", spec)))
			if !apierrors.IsForbidden(err) || !stops(err, byPlatform) {
				t.Errorf("stopped by %v, want %q", err, byPlatform)
			}
		})
	}
	require.NoError(t, shared.teams["outsider"].Create(t.Context(), object(gateway("own", "outsider", "{selector: {istio: egressgateway}, servers: ["+http("'*'")+"]}"))))
	ns := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "outsider"}}
	lift := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"labels":{"ingress2gw.io/own-gateways":"allowed"}}}`))
	require.NoError(t, shared.admin.Patch(t.Context(), ns, lift))
	t.Cleanup(func() {
		back := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"labels":{"ingress2gw.io/own-gateways":null}}}`))
		require.NoError(t, shared.admin.Patch(afterwards(t), ns, back))
		require.NoError(t, shared.refuses(afterwards(t), []probe{{"outsider", gateway("probe", "outsider", "{selector: {istio: ingressgateway}, servers: []}"), byPlatform}}))
	})
	require.Eventually(t, func() bool {
		return shared.teams["outsider"].Create(t.Context(), object(gateway("lifted", "outsider", "{selector: {istio: ingressgateway}, servers: ["+http("'*'")+"]}"))) == nil
	}, time.Minute, 50*time.Millisecond, "the platform allows it")
}

// What a team may not create it cannot make of a Gateway that it has, either.
func TestAttacksByChangingAGateway(t *testing.T) {
	c := shared.teams["front"]
	for name, a := range map[string]struct{ was, patch, stopped string }{
		"a host of another":               {own(http("front/front.example.com")), `[{"op":"add","path":"/spec/servers/0/hosts/-","value":"front/back.example.com"}]`, byServerHosts},
		"from own pods to the platform's": {"{selector: {istio: front}, servers: [" + http("back.example.com") + "]}", `[{"op":"replace","path":"/spec/selector/istio","value":"edge"}]`, byServerHosts},
		"from own pods to all":            {"{selector: {istio: front}, servers: [" + http("back.example.com") + "]}", `[{"op":"remove","path":"/spec/selector"}]`, bySelector},
		"from own pods by an annotation":  {"{selector: {istio: front}, servers: [" + http("back.example.com") + "]}", `[{"op":"add","path":"/metadata/annotations","value":{"internal.istio.io/gateway-service":"edge.edge.svc.cluster.local"}}]`, byInternal},
		"another protocol":                {own(http("front/front.example.com")), `[{"op":"replace","path":"/spec/servers/0/port/protocol","value":"TCP"}]`, byPorts},
	} {
		t.Run(name, func(t *testing.T) {
			u := object(gateway("mine", "front", a.was))
			require.NoError(t, c.Create(t.Context(), u))
			t.Cleanup(func() { require.NoError(t, c.Delete(afterwards(t), u)) })
			err := c.Patch(t.Context(), u.DeepCopy(), client.RawPatch("application/json-patch+json", []byte(a.patch)))
			if !apierrors.IsForbidden(err) || !stops(err, a.stopped) {
				t.Errorf("stopped by %v, want %q", err, a.stopped)
			}
		})
	}
	t.Run("a host by server-side apply", func(t *testing.T) {
		u := object(gateway("applied", "front", own(http("front/back.example.com"))))
		err := c.Apply(t.Context(), client.ApplyConfigurationFromUnstructured(u), client.FieldOwner("attack"), client.ForceOwnership)
		if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), byServerHosts) {
			t.Errorf("stopped by %v, want %q", err, byServerHosts)
		}
	})
}

func TestEditsOfATeamsGateway(t *testing.T) {
	for name, text := range map[string]string{
		"own hosts":                              own(http("front/front.example.com, front/www.front.example.com")),
		"an own wildcard":                        own(http("front/*.front.example.com"), https("front/*.front.example.com", "front.web", "")),
		"unknown hosts, which it was given":      own(http("front/*")),
		"a host that it shares, without TLS":     own(http("front/both.example.com")),
		"room for routes of the platform":        own(https("edge/front.example.com, front/front.example.com", "front.web", "")),
		"a redirect to HTTPS":                    own(server(80, "HTTP", "front/front.example.com", ", tls: {httpsRedirect: true}")),
		"several servers with names":             own(server(443, "HTTPS", "front/front.example.com", ", name: a, tls: {mode: SIMPLE, credentialName: front.a}"), "{name: b, port: {number: 443, name: second, protocol: HTTPS}, hosts: [front/www.front.example.com], tls: {mode: SIMPLE, credentialName: front.b}}"),
		"client certificates":                    own(server(443, "HTTPS", "front/front.example.com", ", tls: {mode: OPTIONAL_MUTUAL, credentialName: front.web, caCertCredentialName: front.ca-cacert, insecureSkipVerify: true}")),
		"versions and ciphers":                   own(https("front/front.example.com", "front.web", ", minProtocolVersion: TLSV1_2, maxProtocolVersion: TLSV1_3, cipherSuites: [ECDHE-RSA-AES128-GCM-SHA256]")),
		"a certificate that the platform lends":  own(https("front/front.example.com", "edge-cert", "")),
		"one of another namespace that it lends": own(https("front/front.example.com", "kubernetes-gateway://common/wildcard", "")),
		"a certificate of its own namespace":     own(https("front/front.example.com", "kubernetes-gateway://front/web", "")),
		"a stream":                               own(server(443, "TLS", "front/front.example.com", ", tls: {mode: PASSTHROUGH}")),
		"anything for pods of its own":           "{selector: {istio: front}, servers: [" + server(9000, "TCP", "'*'", ", bind: 0.0.0.0") + "]}",
		"no server":                              own(),
	} {
		t.Run(name, func(t *testing.T) {
			u := object(gateway("edit", "front", text))
			require.NoError(t, shared.teams["front"].Create(t.Context(), u))
			u.SetLabels(map[string]string{"edited": "yes"})
			require.NoError(t, shared.teams["front"].Update(t.Context(), u))
			require.NoError(t, shared.teams["front"].Delete(t.Context(), u))
		})
	}
	t.Run("routes on an own Gateway", func(t *testing.T) {
		u := object(virtualService("edit", "front", "{hosts: [front.example.com], gateways: [front/mine], exportTo: [edge], http: ["+toMine+"]}"))
		require.NoError(t, shared.teams["front"].Create(t.Context(), u, client.DryRunAll))
	})
	t.Run("routes on pods of its own", func(t *testing.T) {
		u := object(virtualService("edit", "front", "{hosts: [internal.test], gateways: [front/internal], exportTo: ['.'], http: [{route: [{destination: {host: a.back.svc.cluster.local}}]}]}"))
		require.NoError(t, shared.teams["front"].Create(t.Context(), u, client.DryRunAll))
	})
	t.Run("a label of what was there before", func(t *testing.T) {
		u := object(gateway("before", "front", "{}"))
		label := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"labels":{"edited":"yes"}}}`))
		require.NoError(t, shared.teams["front"].Patch(t.Context(), u, label))
		err := shared.teams["front"].Patch(t.Context(), u, client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"selector":{"app":"x"}}}`)))
		if !apierrors.IsForbidden(err) {
			t.Errorf("changing it gives %v", err)
		}
	})
}

// Without the list of hosts no Gateway for the platform's pods is admitted.
func TestWithoutClaimsNoGatewayIsAdmitted(t *testing.T) {
	claims := &corev1.ConfigMap{}
	require.NoError(t, shared.admin.Get(t.Context(), client.ObjectKey{Namespace: "edge", Name: "i2g-hosts"}, claims))
	u := object(gateway("own", "front", own(http("front/front.example.com"))))
	require.NoError(t, shared.teams["front"].Create(t.Context(), u.DeepCopy(), client.DryRunAll))
	require.NoError(t, shared.admin.Delete(t.Context(), claims.DeepCopy()))
	t.Cleanup(func() {
		claims.ResourceVersion = ""
		require.NoError(t, shared.admin.Create(afterwards(t), claims))
		require.Eventually(t, func() bool {
			return shared.teams["front"].Create(afterwards(t), u.DeepCopy(), client.DryRunAll) == nil
		}, time.Minute, 50*time.Millisecond)
	})
	require.Eventually(t, func() bool {
		err := shared.teams["front"].Create(t.Context(), u.DeepCopy(), client.DryRunAll)
		return err != nil && strings.Contains(err.Error(), "no params found")
	}, time.Minute, 50*time.Millisecond)
}
