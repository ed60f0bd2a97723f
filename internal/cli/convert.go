package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"k8s.io/cli-runtime/pkg/genericclioptions"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/ownership"
)

// convertOptions are the flags of convert, as they were given.
type convertOptions struct {
	streams Streams
	deps    Dependencies

	filenames     []string
	kustomize     string
	recursive     bool
	allNamespaces bool
	selector      string
	config        *genericclioptions.ConfigFlags

	controllerConfig         string
	controllerArgs           string
	controllerClass          string
	ingressClass             string
	watchIngressWithoutClass bool
	annotationsPrefix        string
	classes                  []string

	to                 string
	ownership          string
	profile            string
	tls                string
	sni                string
	basicAuth          string
	limitConnections   string
	defaultCertificate string
	istioVersion       string
	noEnvoyFilter      bool
	noLua              bool
	secretContents     bool
	guardToken         string
	routesOnly         bool
	gatewayMap         string
	gatewayMapContent  []byte // instead of what is in the file
	rbac               bool
	teamGroup          string
	gatewayNamespace   string
	gatewaySelector    string
	httpPort           uint16
	httpsPort          uint16
	clusterDomain      string

	output   string
	meshOut  string
	validate string

	reports   []string
	noHeaders bool
	teamLabel string
	failOn    string
	baseline  string
	waive     []string
	suppress  []string
	color     string
	quiet     bool

	reached reached // by the run
}

// newConvert makes the command; run replaces what it does, for tests of the flags.
func newConvert(streams Streams, deps Dependencies, run func(*convertOptions, *cobra.Command) error) *cobra.Command {
	o := &convertOptions{streams: streams, deps: deps, config: genericclioptions.NewConfigFlags(true)}
	if run == nil {
		run = (*convertOptions).run
	}
	cmd := &cobra.Command{
		Use:   "convert [-f FILE | -k DIRECTORY] [flags]",
		Short: "Convert Ingresses to the objects that replace them",
		Long: `Convert reads Ingresses, and what they refer to, from files, a kustomization or a cluster, and writes the objects that
replace them: Gateways for the platform team, VirtualServices and their companions for the application teams.

Objects go to standard output, everything else to standard error. Nothing is written to a cluster. What cannot be carried
over is reported; what protected a route and cannot be carried over closes the route unless --waive says otherwise.

Exit codes: 0 done, 1 findings at or above --fail-on or a protection withheld, 2 wrong usage or unreadable input, 3 cluster
or I/O failed, 70 a bug of ours.`,
		Example: `  # What would become of the Ingresses of a folder
  ingress2gw convert -f manifests/ -R

  # A folder for the platform team and one for each application team, from the cluster's live state
  ingress2gw convert -A -o dir=gitops --report json=report.json

  # With the controller's own settings, and a certificate for hosts that have none
  ingress2gw convert -f in.yaml --controller-config ingress-nginx/ingress-nginx-controller --default-certificate wildcard`,
		Args: onlyFlags("convert"),
		RunE: func(cmd *cobra.Command, _ []string) error { return run(o, cmd) },
	}
	useGroups(cmd, o.inputFlags(), o.sourceFlags(), o.targetFlags(), o.outputFlags(), o.reportFlags(), o.summaryFlags(), o.clusterFlags())
	completeChoices(cmd)
	completeCluster(cmd, o.config)
	complete(cmd, "output", []string{"yaml", "json", "kyaml", "name", "dir="})
	completeReports(cmd)
	return cmd
}

// onlyFlags refuses arguments.
func onlyFlags(command string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) > 0 {
			return usagef("%s takes no arguments, only flags; files are given with -f: %q", command, args[0])
		}
		return nil
	}
}

func completeReports(cmd *cobra.Command) {
	complete(cmd, "waive", codes())
	complete(cmd, "suppress", codes())
	complete(cmd, "report", formatNames("="))
}

func (o *convertOptions) inputFlags() flagGroup {
	g := newGroup("Input")
	files := genericclioptions.FileNameFlags{
		Usage: "Files, folders or URLs to read, or - for standard input. Without -f and -k the cluster is read.", Filenames: &o.filenames, Recursive: &o.recursive, Kustomize: &o.kustomize,
	}
	files.AddFlags(g.flags)
	g.flags.StringVarP(o.config.Namespace, "namespace", "n", "", "Read only this namespace; also the namespace of objects that name none.")
	g.flags.BoolVarP(&o.allNamespaces, "all-namespaces", "A", false, "Read all namespaces.")
	g.flags.StringVarP(&o.selector, "selector", "l", "", "Read only Ingresses with these labels, as in -l key=value,other!=value.")
	return g
}

func (o *convertOptions) sourceFlags() flagGroup {
	g := newGroup("Source controller")
	f := g.flags
	f.StringVar(&o.controllerConfig, "controller-config", "", "The controller's ConfigMap: `NAMESPACE/NAME` in the input, or a file (write ./ in front of a name that could be both).")
	f.StringVar(&o.controllerArgs, "controller-args", "", "The controller's command line flags, as in '--enable-ssl-passthrough --default-ssl-certificate=a/b'.")
	f.StringVar(&o.controllerClass, "controller-class", "", "Controller name of the IngressClasses to convert (the controller's flag of that name).")
	f.StringVar(&o.ingressClass, "ingress-class", "", "Name of the class to convert (the controller's flag of that name).")
	f.StringArrayVar(&o.classes, "class", nil, "Class and controller, `NAME=CONTROLLER`, for a class that the input does not hold, as in nginx=k8s.io/ingress-nginx; can be repeated.")
	f.BoolVar(&o.watchIngressWithoutClass, "watch-ingress-without-class", false, "Also convert Ingresses that name no class (the controller's flag of that name).")
	f.StringVar(&o.annotationsPrefix, "annotations-prefix", "", "Prefix of the controller's annotations, if not nginx.ingress.kubernetes.io.")
	return g
}

func (o *convertOptions) targetFlags() flagGroup {
	g := newGroup("Target")
	f := g.flags
	addChoice(g, &o.to, "to", "What to write: Istio's objects, or the route model between Ingresses and objects.", "istio", "model")
	addChoice(g, &o.ownership, "ownership", "Who owns what: Gateways the platform and routes the teams; all the platform; or each team a Gateway of its own.", "split", "platform", "team")
	addChoice(g, &o.profile, "profile", "Whose defaults hold where the input states nothing: the source controller's (exact) or Istio's (native).", "exact", "native")
	addChoice(g, &o.tls, "tls", "How certificates reach the gateway's namespace: by hand, as copies, as cert-manager Certificates, or with ReferenceGrants.", "reference", "copy", "cert-manager", "reference-grant")
	f.StringVar(&o.defaultCertificate, "default-certificate", "", "Secret in the gateway's namespace for hosts without a certificate of their own.")
	addChoice(g, &o.sni, "sni", "What a request gets whose Host belongs to another certificate than its SNI: the Host's route, 421, or 404 (strict).", "host", "421", "strict")
	addChoice(g, &o.basicAuth, "basic-auth", "Who checks passwords whose hashes Envoy cannot check: nobody, those users are refused (gateway); or a service that the platform deploys (authorizer).", "gateway", "authorizer")
	addChoice(g, &o.limitConnections, "limit-connections", "What becomes of limits of connections for each client: nothing, they are reported (manual); or limits that all clients share (shared).", "manual", "shared")
	f.StringVar(&o.istioVersion, "istio-version", "1.31", "Version of Istio to write for.")
	f.BoolVar(&o.noEnvoyFilter, "no-envoyfilter", false, "Write no EnvoyFilters; what needs them is reported.")
	f.BoolVar(&o.noLua, "no-lua", false, "Write no Lua; what needs it is reported.")
	f.BoolVar(&o.secretContents, "secret-contents", false, "Read from a cluster also what the Secrets that Ingresses name hold: password files, to translate basic authentication, and certificates, to check them.")
	f.StringVar(&o.guardToken, "guard-token", "", "`FILE` with a secret of the installation, by which protected routes prove that all parts of their protection are in place.")
	f.BoolVar(&o.routesOnly, "routes-only", false, "Write no Gateways; routes attach to those that --gateway-map names.")
	f.StringVar(&o.gatewayMap, "gateway-map", "", "`FILE` in YAML that maps hosts to existing Gateways, as in '*.shop.test: istio-system/shop'.")
	f.BoolVar(&o.rbac, "rbac", false, "Also write roles for the teams, and admission policies that keep each to its own hosts, Services, routes and Secrets.")
	f.StringVar(&o.teamGroup, "team-group", ownership.DefaultGroup, "Kubernetes group of a team, for --rbac; {namespace} stands for its namespace.")
	f.StringVar(&o.gatewayNamespace, "gateway-namespace", "istio-system", "Namespace of the gateway workload.")
	f.StringVar(&o.gatewaySelector, "gateway-selector", "istio=ingressgateway", "Labels of the gateway workload's pods.")
	f.Uint16Var(&o.httpPort, "http-port", 80, "HTTP port of the gateway's Service.")
	f.Uint16Var(&o.httpsPort, "https-port", 443, "HTTPS port of the gateway's Service.")
	f.StringVar(&o.clusterDomain, "cluster-domain", "cluster.local", "DNS domain of the cluster.")
	return g
}

func (o *convertOptions) outputFlags() flagGroup {
	g := newGroup("Output")
	f := g.flags
	f.StringVarP(&o.output, "output", "o", "yaml", "Format of the objects: `yaml|json|kyaml|name`, or dir=PATH for a folder for each owner.")
	f.StringVar(&o.meshOut, "mesh-config-out", "", "`FILE` for what the mesh configuration must hold.")
	addChoice(g, &o.validate, "validate", "How the objects are checked: fast, or also against the schemas and CEL rules of the CRDs (full).", "fast", "full")
	return g
}

func (o *convertOptions) reportFlags() flagGroup {
	g := newGroup("Report")
	f := g.flags
	f.StringArrayVar(&o.reports, "report", nil, "Write the report to a file: `FORMAT=FILE`, as in json=report.json, with a format of "+strings.Join(formatNames(""), ", ")+"; can be repeated.")
	f.StringVar(&o.teamLabel, "team-label", "", "`KEY` of the label of an Ingress, or of its namespace, that names its team. Without it, each namespace is a team.")
	addChoice(g, &o.failOn, "fail-on", "Exit with 1 if there are findings of this severity or above. Withheld protections always do, unless waived.", "error", "warning", "info", "never")
	f.StringVar(&o.baseline, "baseline", "", "`FILE` with a former JSON report: only findings that it does not have count for --fail-on.")
	f.StringArrayVar(&o.waive, "waive", nil, "Accept what findings say: `CODE[=KIND NAMESPACE/NAME]`, with * for any text, as in I2G4001 or 'I2G4001=Ingress shop/*'; can be repeated.")
	f.StringArrayVar(&o.suppress, "suppress", nil, "Leave findings, `CODE[=KIND NAMESPACE/NAME]`, out of the report; can be repeated.")
	return g
}

func (o *convertOptions) summaryFlags() flagGroup {
	g := newGroup("Summary")
	addChoice(g, &o.color, "color", "Colors on standard error.", "auto", "always", "never")
	g.flags.BoolVarP(&o.quiet, "quiet", "q", false, "Print no summary.")
	return g
}

func (o *convertOptions) clusterFlags() flagGroup {
	g := newGroup("Cluster")
	namespace := o.config.Namespace // stands among the input flags
	o.config.Namespace = nil
	o.config.AddFlags(g.flags)
	o.config.Namespace = namespace
	if cache := g.flags.Lookup("cache-dir"); cache != nil {
		cache.DefValue = "$HOME/.kube/cache" // the same help for everybody
	}
	return g
}

func codes() []string {
	out := make([]string, len(finding.Catalogue))
	for i := range finding.Catalogue {
		e := &finding.Catalogue[i]
		out[i] = string(e.Code) + "\t" + e.Name
	}
	return out
}
