// Package resolve answers the questions that need the whole snapshot: which Ingress belongs to the controller, what a
// Service port is, what a named object holds.
package resolve

import (
	"strings"

	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// IngressNginx is the controller name in an IngressClass, by default.
const IngressNginx = "k8s.io/ingress-nginx"

// ClassAnnotation is the old way to name a class.
const ClassAnnotation = "kubernetes.io/ingress.class"

// ClassRules say which Ingresses a controller takes (ingress-nginx v1.15: flags --controller-class, --ingress-class,
// --ingress-class-by-name, --watch-ingress-without-class, --watch-namespace).
type ClassRules struct {
	Controller     string
	Class          string
	ByName         bool
	WithoutClass   bool
	WatchNamespace string
	// Mapped gives the controller of class names that the input does not hold.
	Mapped map[string]string
}

// Select parts the Ingresses of a snapshot into those that the controller takes and the number of those it does not.
func Select(s *snapshot.Snapshot, r ClassRules, fs *finding.List) (taken []*snapshot.Ingress, skipped int) {
	believed := map[string]bool{}
	for _, in := range s.Ingresses {
		if r.takes(s, in, fs, believed) {
			taken = append(taken, in)
		} else {
			skipped++
		}
	}
	return taken, skipped
}

func (r ClassRules) takes(s *snapshot.Snapshot, in *snapshot.Ingress, fs *finding.List, believed map[string]bool) bool {
	o := finding.Origin{Object: in.Object, Field: "spec.ingressClassName", Line: in.Lines.Spec}
	if r.WatchNamespace != "" && in.Namespace != r.WatchNamespace {
		fs.Report(finding.ForeignClass, o, "of another namespace than --watch-namespace")
		return false
	}
	if c := in.Spec.IngressClassName; c != nil && *c != "" {
		return r.takesClass(s, *c, o, fs, believed)
	}
	if c, ok := in.Annotations[ClassAnnotation]; ok && c != "" {
		o.Field, o.Line = ClassAnnotation, in.Lines.Annotations[ClassAnnotation]
		if c == r.Class || isOurs(r, r.Mapped[c]) {
			return true
		}
		fs.Report(finding.ForeignClass, o, c)
		return false
	}
	if r.WithoutClass {
		return true
	}
	// An object that has not been to an API server yet will be given the default class there.
	if in.UID == "" && in.CreationTimestamp.IsZero() {
		if d := s.DefaultClass(); d != nil {
			return r.takesClass(s, d.Name, o, fs, believed)
		}
	}
	fs.Report(finding.NoClass, o)
	return false
}

func (r ClassRules) takesClass(s *snapshot.Snapshot, class string, o finding.Origin, fs *finding.List, believed map[string]bool) bool {
	if c, ok := r.Mapped[class]; ok {
		if isOurs(r, c) {
			return true
		}
		fs.Report(finding.ForeignClass, o, class)
		return false
	}
	if c := s.Classes[class]; c != nil {
		if c.Controller == r.Controller || (r.ByName && class == r.Class) {
			return true
		}
		fs.Report(finding.ForeignClass, o, class)
		return false
	}
	if !s.HasClasses && (class == r.Class || telling(class)) {
		if !believed[class] {
			believed[class] = true
			fs.Report(finding.ClassBelieved, finding.Origin{Field: "ingressClassName " + class}, class)
		}
		return true
	}
	fs.Report(finding.UnknownClass, o, class)
	return false
}

func isOurs(r ClassRules, controller string) bool {
	return controller != "" && (controller == r.Controller || controller == "ingress-nginx" || controller == "nginx")
}

// telling tells whether a class name says that it is an ingress-nginx: it has nginx as one of its words, and none that
// says it is the vendor's own controller.
func telling(class string) bool {
	found := false
	for w := range strings.FieldsFuncSeq(strings.ToLower(class), func(c rune) bool { return c == '-' || c == '_' || c == '.' }) {
		switch w {
		case "nginx":
			found = true
		case "inc", "plus", "org", "f5", "nginxinc":
			return false
		}
	}
	return found
}
