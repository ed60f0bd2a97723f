package cli

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/validate/content"
	"k8s.io/apimachinery/pkg/labels"
	sigsyaml "sigs.k8s.io/yaml"

	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/ownership"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// plan is what the flags of convert mean.
type plan struct {
	translate  translate.Options
	configFile string         // of the controller's ConfigMap; "" if it is in the input or there is none
	folder     string         // of -o dir=
	format     reports.Format // of the report that goes to standard output
	reports    []reportFile
	baseline   reports.Baseline
	waived     []reports.Selector
	suppressed []reports.Selector
}

type reportFile struct {
	format reports.Format
	path   string
}

// plan checks the flags and says what they mean. Files that flags name are read here, so that nothing is done before all
// that the user gave is understood.
func (o *convertOptions) plan() (*plan, error) {
	p := &plan{}
	return p, o.follow(p, o.planInput, o.planSource, o.planTarget, o.planGateway, o.planOutput, o.planReports, o.planWaivers)
}

func (o *convertOptions) follow(p *plan, steps ...func(*plan) error) error {
	for _, step := range steps {
		if err := step(p); err != nil {
			return usageError{err}
		}
	}
	return nil
}

func (o *convertOptions) planInput(*plan) error {
	if o.kustomize != "" && (len(o.filenames) > 0 || o.recursive) {
		return fmt.Errorf("-k cannot be used together with -f or -R")
	}
	if o.allNamespaces && *o.config.Namespace != "" {
		return fmt.Errorf("-A cannot be used together with -n")
	}
	if _, err := labels.Parse(o.selector); err != nil {
		return fmt.Errorf("--selector: %w", err)
	}
	return nil
}

func (o *convertOptions) planSource(p *plan) error {
	s := &p.translate.Source
	s.ControllerClass, s.IngressClass, s.AnnotationsPrefix, s.WatchIngressWithoutClass = o.controllerClass, o.ingressClass, o.annotationsPrefix, o.watchIngressWithoutClass
	var err error
	if s.ControllerArgs, err = splitWords(o.controllerArgs); err != nil {
		return fmt.Errorf("--controller-args %w", err)
	}
	for _, c := range o.classes {
		name, controller, ok := strings.Cut(c, "=")
		if !ok || name == "" || controller == "" {
			return fmt.Errorf("--class: %q is not of the form NAME=CONTROLLER", c)
		}
		if s.ClassControllers == nil {
			s.ClassControllers = map[string]string{}
		}
		s.ClassControllers[name] = controller
	}
	if key, ok := configKey(o.controllerConfig); ok {
		s.ControllerConfig = key
	} else {
		p.configFile = o.controllerConfig
	}
	return nil
}

// configKey tells whether a name is that of an object, not of a file.
func configKey(s string) (snapshot.Key, bool) {
	namespace, name, ok := strings.Cut(s, "/")
	if !ok || len(content.IsDNS1123Label(namespace)) > 0 || len(content.IsDNS1123Subdomain(name)) > 0 {
		return snapshot.Key{}, false
	}
	for _, ending := range []string{".yaml", ".yml", ".json"} {
		if strings.HasSuffix(name, ending) {
			return snapshot.Key{}, false
		}
	}
	return snapshot.Key{Namespace: namespace, Name: name}, true
}

func (o *convertOptions) planTarget(p *plan) error {
	t := &p.translate.Target
	t.Ownership, t.Profile, t.TLS, t.SNI = emit.Ownership(o.ownership), emit.Profile(o.profile), emit.TLSPolicy(o.tls), emit.SNIPolicy(o.sni)
	t.BasicAuth, t.Connections = emit.BasicAuthPolicy(o.basicAuth), emit.ConnectionPolicy(o.limitConnections)
	t.NoEnvoyFilter, t.NoLua, t.RoutesOnly, t.DefaultCertificate = o.noEnvoyFilter, o.noLua, o.routesOnly, o.defaultCertificate
	if o.defaultCertificate != "" && len(content.IsDNS1123Subdomain(o.defaultCertificate)) > 0 {
		return fmt.Errorf("--default-certificate: %q is not the name of a Secret (its namespace is the gateway's)", o.defaultCertificate)
	}
	t.RBAC, t.TeamGroup = o.rbac, o.teamGroup
	if o.rbac && !strings.Contains(o.teamGroup, ownership.Namespace) {
		return fmt.Errorf("--team-group: %q does not hold {namespace}: every team would be one with all others", o.teamGroup)
	}
	var err error
	if t.IstioVersion, err = parseVersion(o.istioVersion); err != nil {
		return fmt.Errorf("--istio-version: %w", err)
	}
	if o.guardToken != "" {
		if t.GuardToken, err = readToken(o.guardToken); err != nil {
			return fmt.Errorf("--guard-token: %w", err)
		}
	}
	if o.routesOnly != (o.gatewayMap != "") {
		return fmt.Errorf("--routes-only and --gateway-map need each other: routes must attach to Gateways that exist")
	}
	if o.gatewayMap != "" {
		content := o.gatewayMapContent
		if content == nil {
			content, err = os.ReadFile(o.gatewayMap)
		}
		if err == nil {
			t.GatewayMap, err = parseGatewayMap(o.gatewayMap, content)
		}
		if err != nil {
			return fmt.Errorf("--gateway-map: %w", err)
		}
	}
	return nil
}

func parseVersion(s string) (emit.Version, error) {
	major, rest, _ := strings.Cut(strings.TrimPrefix(s, "v"), ".")
	minor, _, _ := strings.Cut(rest, ".")
	a, errA := strconv.Atoi(major)
	b, errB := strconv.Atoi(minor)
	if errA != nil || errB != nil || a < 1 || b < 0 {
		return emit.Version{}, fmt.Errorf("%q is not a version such as 1.31", s)
	}
	return emit.Version{Major: a, Minor: b}, nil
}

// shortestToken is enough for a token that cannot be guessed.
const shortestToken = 16

// readToken reads a token that will stand in a header value and in a regular expression.
func readToken(path string) (string, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	token := strings.TrimSpace(string(data))
	if len(token) < shortestToken || !regexp.MustCompile(`^[A-Za-z0-9_-]+$`).MatchString(token) {
		return "", fmt.Errorf("%s must hold at least %d letters, digits, - or _, and nothing else", path, shortestToken)
	}
	return token, nil
}

func parseGatewayMap(path string, data []byte) ([]emit.GatewayMapping, error) {
	var byHost map[string]string
	if err := sigsyaml.UnmarshalStrict(data, &byHost); err != nil {
		return nil, fmt.Errorf("%s is not a YAML mapping of hosts to NAMESPACE/NAME: %w", path, err)
	}
	var out []emit.GatewayMapping
	for host, gateway := range byHost {
		namespace, name, ok := strings.Cut(gateway, "/")
		if !ok || len(content.IsDNS1123Label(namespace)) > 0 || len(content.IsDNS1123Subdomain(name)) > 0 {
			return nil, fmt.Errorf("%s: %q is not a Gateway: write NAMESPACE/NAME", path, gateway)
		}
		if host != "*" && len(content.IsDNS1123Subdomain(strings.TrimPrefix(host, "*."))) > 0 {
			return nil, fmt.Errorf("%s: %q is not a host name, *.SUFFIX or *", path, host)
		}
		out = append(out, emit.GatewayMapping{Host: host, Gateway: snapshot.Key{Namespace: namespace, Name: name}})
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("%s maps no host", path)
	}
	slices.SortFunc(out, func(a, b emit.GatewayMapping) int { return cmp.Compare(a.Host, b.Host) })
	return out, nil
}

func (o *convertOptions) planGateway(p *plan) error {
	g := &p.translate.Target.Gateway
	selector, err := labels.ConvertSelectorToLabelsMap(o.gatewaySelector)
	if err != nil || len(selector) == 0 {
		return fmt.Errorf("--gateway-selector: %q is not a list of labels such as istio=ingressgateway", o.gatewaySelector)
	}
	if len(content.IsDNS1123Label(o.gatewayNamespace)) > 0 {
		return fmt.Errorf("--gateway-namespace: %q is not the name of a namespace", o.gatewayNamespace)
	}
	if len(content.IsDNS1123Subdomain(o.clusterDomain)) > 0 {
		return fmt.Errorf("--cluster-domain: %q is not a DNS name", o.clusterDomain)
	}
	if o.httpPort == 0 || o.httpsPort == 0 || o.httpPort == o.httpsPort {
		return fmt.Errorf("--http-port and --https-port must be two ports")
	}
	*g = emit.GatewayOptions{Namespace: o.gatewayNamespace, Selector: selector, HTTPPort: uint32(o.httpPort), HTTPSPort: uint32(o.httpsPort), ClusterDomain: o.clusterDomain}
	return nil
}

func (o *convertOptions) planOutput(p *plan) error {
	switch path, dir := strings.CutPrefix(o.output, "dir="); {
	case dir && path == "":
		return fmt.Errorf("-o dir= needs a path")
	case dir && o.to == "model":
		return fmt.Errorf("--to model writes one document, not a folder")
	case dir:
		p.folder = path
	case o.to == "model" && o.output != "yaml":
		return fmt.Errorf("--to model writes YAML only")
	case !slices.Contains([]string{"yaml", "json", "kyaml", "name"}, o.output):
		return fmt.Errorf("-o: %q is none of yaml, json, kyaml, name and dir=PATH", o.output)
	}
	return nil
}

func (o *convertOptions) planReports(p *plan) error {
	for _, r := range o.reports {
		name, path, _ := strings.Cut(r, "=")
		format, ok := lookupFormat(name)
		if !ok || path == "" {
			return fmt.Errorf("--report: %q is not of the form FORMAT=FILE with a format of %s", r, strings.Join(formatNames(""), ", "))
		}
		p.reports = append(p.reports, reportFile{format, path})
	}
	var err error
	if p.suppressed, err = parseSelectors("--suppress", o.suppress); err != nil {
		return err
	}
	if o.baseline != "" {
		if p.baseline, err = readBaseline(o.baseline); err != nil {
			return fmt.Errorf("--baseline: %w", err)
		}
	}
	if o.teamLabel != "" && len(content.IsLabelKey(o.teamLabel)) > 0 {
		return fmt.Errorf("--team-label: %q is not the key of a label", o.teamLabel)
	}
	return nil
}

func (o *convertOptions) planWaivers(p *plan) error {
	var err error
	if p.waived, err = parseSelectors("--waive", o.waive); err != nil {
		return err
	}
	waived := func(code finding.Code, object *finding.Object) bool { return reports.MatchAny(p.waived, code, object) }
	p.translate.Waived, p.translate.Target.Waived = waived, waived
	return nil
}

func readBaseline(path string) (reports.Baseline, error) {
	f, err := os.Open(path)
	if err != nil {
		return reports.Baseline{}, err
	}
	defer f.Close()
	b, err := reports.ReadBaseline(bufio.NewReaderSize(f, 1<<16))
	if err != nil {
		return b, fmt.Errorf("%s: %w", path, err)
	}
	return b, nil
}

func parseSelectors(flag string, texts []string) ([]reports.Selector, error) {
	var out []reports.Selector
	for _, t := range texts {
		s, err := reports.ParseSelector(t)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", flag, err)
		}
		out = append(out, s)
	}
	return out, nil
}
