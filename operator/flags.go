package operator

import (
	"errors"
	"fmt"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/spf13/pflag"
	"k8s.io/apimachinery/pkg/api/validate/content"
)

// Flags are the command line. What is to be migrated, and how, is said by Migrations.
type Flags struct {
	options   Options
	mode      string
	selectors []string
}

// The modes.
const (
	modePreview = "preview"
	modeApply   = "apply"
)

// AddFlags declares the flags.
func AddFlags(f *pflag.FlagSet) *Flags {
	x := &Flags{}
	o := &x.options
	f.StringVar(&x.mode, "mode", modePreview, "What is done: `preview|apply`. With preview nothing is written but what the operator has to say, whatever its account may do.")
	f.StringVar(&o.Namespace, "namespace", os.Getenv("POD_NAMESPACE"), "The operator's own namespace, for its lease and for the Secrets of guard tokens; $POD_NAMESPACE if not given.")
	f.BoolVar(&o.Secrets, "watch-secrets", true, "Watch which Secrets there are (metadata only). Without it no Secret is reported as missing, and none is copied.")
	f.StringSliceVar(&o.Guard.Namespaces, "guard", nil, "The `namespaces` of gateways that admission policies guard: the list by which they know who may serve which host (ConfigMap i2g-hosts beside the gateway) is kept, and nothing is applied to other gateways. It is for mode apply.")
	f.StringSliceVar(&x.selectors, "guard-selector", nil, "The `namespace/label=value` by which admission policies know the pods of a gateway; several for several labels. Nothing is applied to a gateway that a Migration selects by others. Without it, that is not looked at.")
	f.BoolVar(&o.Guard.TeamGateways, "guard-team-gateways", false, "Admission policies let teams write Gateways for these pods: nothing is applied but with ownership team, which without it is not applied where there is a guard.")
	f.BoolVar(&o.LeaderElection, "leader-elect", true, "Let one of several replicas do the work. The others hold all that it knows, and take over when it is gone.")
	f.DurationVar(&o.Batch, "batch-interval", 200*time.Millisecond, "How long changes are collected at least before they are looked at.")
	f.DurationVar(&o.Settle, "settle-interval", 2*time.Second, "How long the proxies are given to hear of what was applied, before what they needed until then is removed.")
	f.IntVar(&o.Workers, "workers", 16, "How many objects are written at once.")
	f.StringVar(&o.MetricsAddress, "metrics-bind-address", "127.0.0.1:8443", "Address for /metrics; 0 for none.")
	f.BoolVar(&o.MetricsSecure, "metrics-secure", true, "Serve metrics by TLS, and only to accounts that may get /metrics.")
	f.StringVar(&o.MetricsCertificates, "metrics-cert-dir", "", "Folder with tls.crt and tls.key for metrics, read again when they change. Without it a certificate is made up.")
	f.StringVar(&o.HealthAddress, "health-probe-bind-address", "127.0.0.1:8081", "Address for /healthz and /readyz; 0 for none.")
	return x
}

// Options checks the flags and says what they mean.
func (x *Flags) Options() (Options, error) {
	o := x.options
	var errs []error
	switch x.mode {
	case modePreview:
	case modeApply:
		o.Apply = true
		if o.Namespace == "" {
			errs = append(errs, errors.New("--mode=apply needs --namespace"))
		}
	default:
		errs = append(errs, fmt.Errorf("--mode: %q is none of preview, apply", x.mode))
	}
	if o.Namespace != "" && len(content.IsDNS1123Label(o.Namespace)) > 0 {
		errs = append(errs, fmt.Errorf("--namespace: %q is not the name of a namespace", o.Namespace))
	}
	for _, ns := range o.Guard.Namespaces {
		if len(content.IsDNS1123Label(ns)) > 0 {
			errs = append(errs, fmt.Errorf("--guard: %q is not the name of a namespace", ns))
		}
	}
	var err error
	if o.Guard.Selectors, err = guardSelectors(x.selectors); err != nil {
		errs = append(errs, err)
	}
	if o.LeaderElection && o.Namespace == "" {
		errs = append(errs, errors.New("--leader-elect needs --namespace; outside a cluster use --leader-elect=false"))
	}
	if o.Batch < 0 || o.Settle < 0 {
		errs = append(errs, errors.New("--batch-interval and --settle-interval must not be negative"))
	}
	if o.Workers < 1 {
		errs = append(errs, errors.New("--workers must be at least 1"))
	}
	o.Version = BuiltFrom()
	return o, errors.Join(errs...)
}

// guardSelectors reads --guard-selector; nil if it is not given.
func guardSelectors(given []string) (selectors map[string]map[string]string, err error) {
	for _, s := range given {
		ns, label, _ := strings.Cut(s, "/")
		k, v, ok := strings.Cut(label, "=")
		if !ok || k == "" || len(content.IsDNS1123Label(ns)) > 0 {
			return nil, fmt.Errorf("--guard-selector: %q is not namespace/label=value", s)
		}
		if selectors == nil {
			selectors = map[string]map[string]string{}
		}
		if selectors[ns] == nil {
			selectors[ns] = map[string]string{}
		}
		selectors[ns][k] = v
	}
	return selectors, nil
}

// BuiltFrom is the version of the module that the program is built from.
func BuiltFrom() string {
	if build, ok := debug.ReadBuildInfo(); ok {
		return build.Main.Version
	}
	return ""
}
