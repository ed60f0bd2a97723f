// Package translate turns a snapshot of Ingresses into the objects of a target: a pure function, the same for the
// command line, the operator and the tests.
package translate

import (
	"cmp"
	"strings"
	"sync"

	"github.com/ingress2gw/ingress2gw/annotations"
	"github.com/ingress2gw/ingress2gw/annotations/nginx"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/emit"
	"github.com/ingress2gw/ingress2gw/translate/emit/istio"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/model"
	"github.com/ingress2gw/ingress2gw/translate/resolve"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
	"github.com/ingress2gw/ingress2gw/translate/validate"
)

// Result is a translation.
type Result struct {
	Objects    []*manifest.Object
	MeshConfig manifest.Map // what the mesh must be configured with
	Model      *model.Edge  // the middle form
	Findings   []finding.Finding
	Counts     Counts
	Sources    map[*manifest.Object][]manifest.Source // where parts of objects come from, with Options.Target.Trace
}

// Counts account for every Ingress met: In = Converted + Skipped + Failed.
type Counts struct {
	In        int // Ingress documents met
	Converted int
	Skipped   int // belong to another controller
	Failed    int // unreadable, or dropped by the controller because of a broken annotation
}

// Translate translates a snapshot. It never fails on the user's input: what cannot be translated is among the findings.
// The snapshot is not changed, except that its slices are put into order.
func Translate(s *snapshot.Snapshot, o Options) *Result {
	fs := &finding.List{}
	fs.Add(s.Findings.Sorted()...)
	s.Normalise()
	waived := waivers(s, o.Waived, fs)
	flags := resolve.Args(o.Source.ControllerArgs)
	taken, skipped := resolve.Select(s, classRules(o.Source, flags), fs)
	if len(taken) == 0 && s.Read > 0 {
		fs.Report(finding.NothingSelected, finding.Origin{})
	}
	read := nginx.Read(nginx.Input{
		Ingresses: taken,
		Settings:  settings(s, o.Source, flags, fs),
		Prefix:    prefix(o.Source, flags),
		Lookup:    resolve.Lookup{Snapshot: s, NoExternalName: flags["disable-svc-external-name"] == "true"},
		Options: annotations.Options{
			Waived: waived, CertManager: o.Target.TLS == emit.TLSCertManager,
			Authorizer: o.Target.BasicAuth == emit.BasicAuthAuthorizer, SharedConnections: o.Target.Connections == emit.ConnectionsShared,
		},
		Findings: fs,
	})
	result := &Result{
		Model:  read.Edge,
		Counts: Counts{In: s.Read, Converted: len(taken) - read.Dropped, Skipped: skipped, Failed: s.Failed + read.Dropped},
	}
	target := o.Target.Defaults()
	target.Waived = waived
	checker := validate.NewChecker()
	rest := *s
	rest.Ingresses = nil // they may be let go now
	out := istio.Emit(emit.Input{Edge: read.Edge, Snapshot: &rest, Options: target, Findings: fs, Last: o.ObjectsOnly, Finished: checker.Add})
	if o.ObjectsOnly {
		result.Model = nil
	}
	var settling sync.WaitGroup
	settling.Go(fs.Settle) // while the last objects are checked
	manifest.Sort(out.Objects)
	problems := checker.Problems(out.Objects, rest.Gateways)
	settling.Wait()
	result.Objects = onlyValid(out.Objects, problems, fs)
	result.MeshConfig, result.Sources, result.Findings = out.MeshConfig, out.Sources, fs.Sorted()
	return result
}

// Selected are the Ingresses of a snapshot that the controller takes.
func Selected(s *snapshot.Snapshot, o SourceOptions) []*snapshot.Ingress {
	taken, _ := resolve.Select(s, classRules(o, resolve.Args(o.ControllerArgs)), &finding.List{})
	return taken
}

func classRules(o SourceOptions, flags map[string]string) resolve.ClassRules {
	return resolve.ClassRules{
		Controller:     cmp.Or(o.ControllerClass, flags["controller-class"], resolve.IngressNginx),
		Class:          cmp.Or(o.IngressClass, flags["ingress-class"], "nginx"),
		ByName:         flags["ingress-class-by-name"] == "true",
		WithoutClass:   o.WatchIngressWithoutClass || flags["watch-ingress-without-class"] == "true",
		WatchNamespace: flags["watch-namespace"],
		Mapped:         o.ClassControllers,
	}
}

func prefix(o SourceOptions, flags map[string]string) string {
	p := cmp.Or(o.AnnotationsPrefix, flags["annotations-prefix"])
	if p == "" {
		return nginx.DefaultPrefix
	}
	return strings.TrimSuffix(p, "/") + "/"
}

// settings finds the controller's ConfigMap.
func settings(s *snapshot.Snapshot, o SourceOptions, flags map[string]string, fs *finding.List) *annotations.Settings {
	set := &annotations.Settings{Flags: flags}
	key, field := o.Config(), "--controller-config"
	if flag := flags["configmap"]; flag != "" && o.ControllerConfig == (snapshot.Key{}) {
		field = "--configmap"
		if key == (snapshot.Key{}) {
			fs.Report(finding.SettingManual, finding.Origin{Field: field}, "configmap", flag+" is no NAMESPACE/NAME; say with --controller-config which ConfigMap it is")
		}
	}
	if key == (snapshot.Key{}) {
		return set
	}
	c := s.ConfigMaps[key]
	if c == nil {
		fs.Report(finding.SettingManual, finding.Origin{Field: field}, key.String(), "the ConfigMap is not in the input")
		return set
	}
	set.Object, set.Values, set.Lines = c.Object, c.Data, c.Lines
	return set
}
