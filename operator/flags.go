package operator

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/labels"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// Flags are the command line. Those that ingress2gw convert has too mean the same here.
type Flags struct {
	options Options

	controllerConfig, controllerArgs           string
	classes, waive                             []string
	ownership, profile, tls, sni, istioVersion string
	limitConnections                           string
	gatewayMap, gatewaySelector                string
	httpPort, httpsPort                        uint16
}

// AddFlags declares the flags.
func AddFlags(f *pflag.FlagSet) *Flags {
	x := &Flags{}
	o, s, t := &x.options, &x.options.Translate.Source, &x.options.Translate.Target
	f.StringVar(&x.controllerConfig, "controller-config", "", "The controller's ConfigMap: `NAMESPACE/NAME`.")
	f.StringVar(&x.controllerArgs, "controller-args", "", "The controller's command line flags, as in '--enable-ssl-passthrough --default-ssl-certificate=a/b'.")
	f.StringVar(&s.ControllerClass, "controller-class", "", "Controller name of the IngressClasses to convert (the controller's flag of that name).")
	f.StringVar(&s.IngressClass, "ingress-class", "", "Name of the class to convert (the controller's flag of that name).")
	f.StringArrayVar(&x.classes, "class", nil, "Class and controller, `NAME=CONTROLLER`, for a class that the cluster does not hold; can be repeated.")
	f.BoolVar(&s.WatchIngressWithoutClass, "watch-ingress-without-class", false, "Also convert Ingresses that name no class (the controller's flag of that name).")
	f.StringVar(&s.AnnotationsPrefix, "annotations-prefix", "", "Prefix of the controller's annotations, if not nginx.ingress.kubernetes.io.")

	f.StringVar(&x.ownership, "ownership", "split", "Who owns what: `split|platform|team`.")
	f.StringVar(&x.profile, "profile", "exact", "Whose defaults hold where the input states nothing: `exact|native`.")
	f.StringVar(&x.tls, "tls", "reference", "How certificates reach the gateway's namespace: `reference|cert-manager|reference-grant`.")
	f.StringVar(&t.DefaultCertificate, "default-certificate", "", "Secret in the gateway's namespace for hosts without a certificate of their own.")
	f.StringVar(&x.sni, "sni", "host", "What a request gets whose Host belongs to another certificate than its SNI: `host|421|strict`.")
	f.StringVar(&x.limitConnections, "limit-connections", "manual", "What becomes of limits of connections for each client: `manual|shared`.")
	f.StringVar(&x.istioVersion, "istio-version", "1.31", "Version of Istio to write for.")
	f.BoolVar(&t.NoEnvoyFilter, "no-envoyfilter", false, "Write no EnvoyFilters; what needs them is reported.")
	f.BoolVar(&t.NoLua, "no-lua", false, "Write no Lua; what needs it is reported.")
	f.BoolVar(&t.RoutesOnly, "routes-only", false, "Write no Gateways; routes attach to those that --gateway-map names.")
	f.StringVar(&x.gatewayMap, "gateway-map", "", "`FILE` in YAML that maps hosts to existing Gateways, as in '*.shop.test: istio-system/shop'.")
	f.StringVar(&t.Gateway.Namespace, "gateway-namespace", "istio-system", "Namespace of the gateway workload.")
	f.StringVar(&x.gatewaySelector, "gateway-selector", "istio=ingressgateway", "Labels of the gateway workload's pods.")
	f.Uint16Var(&x.httpPort, "http-port", 80, "HTTP port of the gateway's Service.")
	f.Uint16Var(&x.httpsPort, "https-port", 443, "HTTPS port of the gateway's Service.")
	f.StringVar(&t.Gateway.ClusterDomain, "cluster-domain", "cluster.local", "DNS domain of the cluster.")
	f.StringArrayVar(&x.waive, "waive", nil, "Accept what findings say: `CODE[=KIND NAMESPACE/NAME]`, with * for any text; can be repeated.")

	f.BoolVar(&o.Secrets, "watch-secrets", true, "Watch which Secrets there are (their content is never read). Without it no Secret is reported as missing.")
	f.DurationVar(&o.Batch, "batch-interval", time.Second, "How long changes are collected at least before they are translated.")
	f.StringVar(&o.MetricsAddress, "metrics-bind-address", "127.0.0.1:8080", "Address for /metrics, without TLS; 0 for none.")
	f.StringVar(&o.HealthAddress, "health-probe-bind-address", "127.0.0.1:8081", "Address for /healthz and /readyz; 0 for none.")
	f.StringVar(&o.PreviewAddress, "preview-bind-address", "127.0.0.1:8082", "Loopback address for /translation, /report and /mesh-config; 0 for none.")
	return x
}

// Options checks the flags and says what they mean.
func (x *Flags) Options() (Options, error) {
	o := x.options
	err := errors.Join(x.source(&o.Translate.Source), x.target(&o.Translate.Target), x.gateway(&o.Translate.Target), x.waivers(&o.Translate))
	if build, ok := debug.ReadBuildInfo(); ok {
		o.Version = build.Main.Version
	}
	if o.Batch < 0 {
		err = errors.Join(err, errors.New("--batch-interval must not be negative"))
	}
	return o, err
}

func (x *Flags) source(s *translate.SourceOptions) error {
	if strings.ContainsAny(x.controllerArgs, `'"\`) {
		return errors.New("--controller-args: quotes and backslashes are not understood here")
	}
	s.ControllerArgs = strings.Fields(x.controllerArgs)
	s.ClassControllers = map[string]string{}
	for _, c := range x.classes {
		name, controller, _ := strings.Cut(c, "=")
		if name == "" || controller == "" {
			return fmt.Errorf("--class: %q is not of the form NAME=CONTROLLER", c)
		}
		s.ClassControllers[name] = controller
	}
	if x.controllerConfig != "" {
		key, ok := parseKey(x.controllerConfig)
		if !ok {
			return fmt.Errorf("--controller-config: %q is not of the form NAMESPACE/NAME", x.controllerConfig)
		}
		s.ControllerConfig = key
	}
	return nil
}

func parseKey(s string) (snapshot.Key, bool) {
	namespace, name, _ := strings.Cut(s, "/")
	ok := len(content.IsDNS1123Label(namespace)) == 0 && len(content.IsDNS1123Subdomain(name)) == 0
	return snapshot.Key{Namespace: namespace, Name: name}, ok
}

func (x *Flags) target(t *emit.Options) error {
	t.Ownership, t.Profile, t.TLS, t.SNI = emit.Ownership(x.ownership), emit.Profile(x.profile), emit.TLSPolicy(x.tls), emit.SNIPolicy(x.sni)
	t.Connections = emit.ConnectionPolicy(x.limitConnections)
	if t.TLS == emit.TLSCopy {
		return errors.New("--tls copy needs the content of Secrets, which the operator does not read; ingress2gw convert does")
	}
	if _, err := fmt.Sscanf(x.istioVersion, "%d.%d", &t.IstioVersion.Major, &t.IstioVersion.Minor); err != nil {
		return fmt.Errorf("--istio-version: %q is not a version such as 1.31", x.istioVersion)
	}
	if t.DefaultCertificate != "" && len(content.IsDNS1123Subdomain(t.DefaultCertificate)) > 0 {
		return fmt.Errorf("--default-certificate: %q is not the name of a Secret", t.DefaultCertificate)
	}
	return errors.Join(
		oneOf("ownership", t.Ownership, emit.Split, emit.Platform, emit.Team),
		oneOf("profile", t.Profile, emit.ProfileExact, emit.ProfileNative),
		oneOf("tls", t.TLS, emit.TLSReference, emit.TLSCertManager, emit.TLSReferenceGrant),
		oneOf("limit-connections", t.Connections, emit.ConnectionsManual, emit.ConnectionsShared),
		oneOf("sni", t.SNI, emit.SNIHost, emit.SNIMisdir, emit.SNIStrict),
	)
}

func oneOf[T ~string](flag string, given T, all ...T) error {
	if slices.Contains(all, given) {
		return nil
	}
	return fmt.Errorf("--%s: %q is none of %q", flag, given, all)
}

func (x *Flags) gateway(t *emit.Options) error {
	selector, err := labels.ConvertSelectorToLabelsMap(x.gatewaySelector)
	switch {
	case err != nil || len(selector) == 0:
		return fmt.Errorf("--gateway-selector: %q is not a list of labels such as istio=ingressgateway", x.gatewaySelector)
	case len(content.IsDNS1123Label(t.Gateway.Namespace)) > 0:
		return fmt.Errorf("--gateway-namespace: %q is not the name of a namespace", t.Gateway.Namespace)
	case len(content.IsDNS1123Subdomain(t.Gateway.ClusterDomain)) > 0:
		return fmt.Errorf("--cluster-domain: %q is not a DNS name", t.Gateway.ClusterDomain)
	case x.httpPort == 0 || x.httpsPort == 0 || x.httpPort == x.httpsPort:
		return errors.New("--http-port and --https-port must be two ports")
	case t.RoutesOnly != (x.gatewayMap != ""):
		return errors.New("--routes-only and --gateway-map need each other: routes must attach to Gateways that exist")
	}
	t.Gateway.Selector, t.Gateway.HTTPPort, t.Gateway.HTTPSPort = selector, uint32(x.httpPort), uint32(x.httpsPort)
	if x.gatewayMap == "" {
		return nil
	}
	data, err := os.ReadFile(x.gatewayMap)
	if err != nil {
		return fmt.Errorf("--gateway-map: %w", err)
	}
	var byHost map[string]string
	if err := sigsyaml.UnmarshalStrict(data, &byHost); err != nil {
		return fmt.Errorf("--gateway-map: %s is not a YAML mapping of hosts to NAMESPACE/NAME: %w", x.gatewayMap, err)
	}
	for host, gateway := range byHost {
		key, ok := parseKey(gateway)
		if !ok || (host != "*" && len(content.IsDNS1123Subdomain(strings.TrimPrefix(host, "*."))) > 0) {
			return fmt.Errorf("--gateway-map: %q: %q does not map a host to NAMESPACE/NAME", host, gateway)
		}
		t.GatewayMap = append(t.GatewayMap, emit.GatewayMapping{Host: host, Gateway: key})
	}
	slices.SortFunc(t.GatewayMap, func(a, b emit.GatewayMapping) int { return cmp.Compare(a.Host, b.Host) })
	return nil
}

func (x *Flags) waivers(t *translate.Options) error {
	var waived []reports.Selector
	for _, text := range x.waive {
		s, err := reports.ParseSelector(text)
		if err != nil {
			return fmt.Errorf("--waive: %w", err)
		}
		waived = append(waived, s)
	}
	t.Waived = func(code finding.Code, o *finding.Object) bool { return reports.MatchAny(waived, code, o) }
	t.Target.Waived = t.Waived
	return nil
}
