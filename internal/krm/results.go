package krm

import (
	"strconv"

	"sigs.k8s.io/kustomize/kyaml/fn/framework"
	"sigs.k8s.io/kustomize/kyaml/yaml"

	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// Results are findings as a KRM function reports them: those of a severity or above, with the item and the field, and the file
// that it came from. values gives the value of an annotation. What blocks is an error, whatever its code says.
func (l *List) Results(findings []finding.Finding, least finding.Severity, values func(finding.Origin) (string, bool)) framework.Results {
	var out framework.Results
	for _, f := range findings {
		if f.Severity() < least && !f.Blocking() {
			continue
		}
		entry := f.Code.Entry()
		r := &framework.Result{
			Severity: severity(f), Message: reports.Clean(f.Message(), 0),
			Tags: map[string]string{"code": string(f.Code), "name": entry.Name},
		}
		if f.Class != "" {
			r.Tags["class"] = string(f.Class)
		}
		if entry.Advice != "" && entry.Advice != "Nothing." {
			r.Tags["advice"] = entry.Advice
		}
		if f.Waived {
			r.Tags["waived"] = "true"
		}
		l.locate(r, f.Origin, values)
		out = append(out, r)
	}
	return out
}

func severity(f finding.Finding) framework.Severity {
	switch {
	case f.Blocking() || f.Severity() == finding.Error:
		return framework.Error
	case f.Severity() == finding.Warning:
		return framework.Warning
	}
	return framework.Info
}

// locate says what a result is about.
func (l *List) locate(r *framework.Result, o finding.Origin, values func(finding.Origin) (string, bool)) {
	if o.Object == nil {
		if o.Field != "" {
			r.Tags["option"] = o.Field // a flag, or what the mesh must hold
		}
		return
	}
	if o.Field != "" {
		r.Field = &framework.Field{Path: o.Field}
		if v, ok := values(o); ok {
			r.Field.Path = "metadata.annotations[" + strconv.Quote(o.Field) + "]"
			r.Field.CurrentValue = v
		}
	}
	if o.Object.Name == "" {
		return
	}
	r.ResourceRef = &yaml.ResourceIdentifier{
		TypeMeta: yaml.TypeMeta{APIVersion: l.versionOf(o.Object), Kind: o.Object.Kind},
		NameMeta: yaml.NameMeta{Name: o.Object.Name, Namespace: o.Object.Namespace},
	}
	if file, ok := l.places[o.Object.Ref()]; ok {
		r.File = &file
		return
	}
	if o.Object.File != "" && o.Object.File != "-" {
		r.File = &framework.File{Path: o.Object.File}
	}
}

// Identify names an object of a translation.
func Identify(o *manifest.Object) *yaml.ResourceIdentifier {
	return &yaml.ResourceIdentifier{
		TypeMeta: yaml.TypeMeta{APIVersion: o.APIVersion, Kind: o.Kind}, NameMeta: yaml.NameMeta{Name: o.Name, Namespace: o.Namespace},
	}
}

// versionOf is the API version of an item, or the one that its kind mostly has.
func (l *List) versionOf(o *finding.Object) string {
	if v := l.versions[o.Ref()]; v != "" {
		return v
	}
	switch o.Kind {
	case "Ingress", "IngressClass":
		return "networking.k8s.io/v1"
	}
	return "v1"
}
