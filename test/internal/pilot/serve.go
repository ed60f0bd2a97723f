package pilot

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/ingress2gw/ingress2gw/test/internal/apiserver"
	"github.com/ingress2gw/ingress2gw/test/internal/casefile"
	"github.com/ingress2gw/ingress2gw/test/internal/envoy"
	"github.com/ingress2gw/ingress2gw/test/internal/istiod"
)

const (
	pollEvery = 10 * time.Millisecond
	// syncPatience bounds the wait until istiod has read what the API server stored.
	syncPatience = 20 * time.Second
)

// Plane is the stage while it serves a case.
type Plane struct {
	*Stage
	refused, notes []string
}

// Discovery is where proxies find istiod.
func (p *Plane) Discovery() envoy.Discovery {
	return envoy.Discovery{Port: securePort, TLS: p.credentials}
}

// Refused are the objects that the API server or the webhook did not let in.
func (p *Plane) Refused() []string { return p.refused }

// Notes are the remarks of admission.
func (p *Plane) Notes() []string { return p.notes }

// Progress of the gateway.
func (p *Plane) Progress() istiod.Progress { return p.debug.progress() }

// Run applies the objects, waits until istiod serves them, calls use, and removes them again.
func (s *Stage) Run(o istiod.Options, use func(*Plane)) error {
	if s.dirty != nil {
		return s.dirty
	}
	p := &Plane{Stage: s}
	err := p.load(o)
	if err == nil {
		use(p)
	}
	if s.dirty = s.clear(); s.dirty != nil {
		s.dirty = fmt.Errorf("something is left in the cluster: %w", s.dirty)
	}
	return errors.Join(err, s.dirty)
}

func (p *Plane) load(o istiod.Options) error {
	p.client.Warnings() // of what is not this case's
	if err := p.applyWorld(o.Objects); err != nil {
		return err
	}
	docs, err := apiserver.Decode(o.Translation.Stream)
	if err != nil {
		return fmt.Errorf("output: %w", err)
	}
	for _, d := range docs {
		if err := p.client.Apply(d); err != nil {
			p.refused = append(p.refused, fmt.Sprintf("the API server refuses %s: %v", casefile.Object(d.Object), err))
		}
	}
	for _, w := range p.client.Warnings() {
		p.notes = append(p.notes, "admission remarks: "+w)
	}
	p.compare(o.Translation.Refused)
	if err := p.await("has not read", p.missing); err != nil {
		return err
	}
	if err := p.applyMesh(o.Fragment); err != nil {
		return err
	}
	return p.await("does not hand out", func() (string, error) {
		seen, err := p.probe.sees(p.mark())
		if !seen {
			return p.mark(), err
		}
		return "", err
	})
}

// compare notes where the check without an API server, on which the fast mode relies, comes to another result.
func (p *Plane) compare(expected []string) {
	for _, e := range expected {
		if object, _, _ := strings.Cut(e, ": "); !slices.ContainsFunc(p.refused, func(r string) bool { return strings.Contains(r, object) }) {
			p.notes = append(p.notes, "let in, although Istio's own check refuses "+e)
		}
	}
}

// applyWorld applies what stands around the Ingresses; namespaces first, as everything else is inside of them.
func (p *Plane) applyWorld(world []runtime.Object) error {
	var first, rest []*unstructured.Unstructured
	for _, o := range world {
		m, err := runtime.DefaultUnstructuredConverter.ToUnstructured(o)
		if err != nil {
			return err
		}
		u := &unstructured.Unstructured{Object: m}
		trim(u)
		if u.GetKind() == "Namespace" {
			first = append(first, u)
		} else {
			rest = append(rest, u)
		}
	}
	for _, u := range append(first, rest...) {
		if err := p.client.Apply(u); err != nil {
			return fmt.Errorf("%s %s/%s: %w", u.GetKind(), u.GetNamespace(), u.GetName(), err)
		}
	}
	return nil
}

// trim drops the empty status that typed objects always have.
func trim(u *unstructured.Unstructured) {
	if u.GetKind() != "Pod" {
		delete(u.Object, "status")
	}
	unstructured.RemoveNestedField(u.Object, "metadata", "creationTimestamp")
}

// missing is something that was applied and that istiod has not read yet; "" when there is nothing.
func (s *Stage) missing() (string, error) {
	k, err := s.debug.known()
	if err != nil {
		return "", err
	}
	for _, a := range s.client.Applied() {
		if what := k.lacks(a.Object); what != "" {
			return what, nil
		}
	}
	return "", nil
}

// lacks tells what of the object is not known.
func (k *known) lacks(o *unstructured.Unstructured) string {
	name := key(o.GetKind(), o.GetNamespace(), o.GetName())
	switch group := o.GroupVersionKind().Group; {
	case strings.HasSuffix(group, "istio.io"), group == "gateway.networking.k8s.io":
		want, err := strconv.ParseInt(o.GetResourceVersion(), 10, 64)
		if got, ok := k.configs[name]; err != nil || !ok || got < want {
			return name
		}
	case o.GetKind() == "Service":
		if !k.services[host(o.GetName(), o.GetNamespace())] {
			return name
		}
	case o.GetKind() == "EndpointSlice":
		service := host(o.GetLabels()["kubernetes.io/service-name"], o.GetNamespace())
		for _, e := range casefile.Object(o.Object).Items("endpoints") {
			addresses, _ := e["addresses"].([]any)
			for _, a := range addresses {
				if !slices.Contains(k.endpoints[service], fmt.Sprint(a)) {
					return fmt.Sprintf("%s (%v)", name, a)
				}
			}
		}
	}
	return ""
}

func host(service, namespace string) string { return service + "." + namespace + ".svc.cluster.local" }

// clear removes the case's objects from the API server, and waits until istiod has forgotten them.
func (s *Stage) clear() error {
	applied := s.client.Applied()
	if err := s.client.Remove(); err != nil {
		return err
	}
	return s.await("still knows", func() (string, error) {
		k, err := s.debug.known()
		if err != nil {
			return "", err
		}
		for _, a := range applied {
			if what := k.keeps(a.Object); what != "" {
				return what, nil
			}
		}
		if s.debug.progress().Connected {
			return "the gateway", nil
		}
		return "", nil
	})
}

// keeps tells what of an object that is gone is known all the same.
func (k *known) keeps(o *unstructured.Unstructured) string {
	name := key(o.GetKind(), o.GetNamespace(), o.GetName())
	_, config := k.configs[name]
	switch {
	case config,
		o.GetKind() == "Service" && k.services[host(o.GetName(), o.GetNamespace())],
		o.GetKind() == "EndpointSlice" && len(k.endpoints[host(o.GetLabels()["kubernetes.io/service-name"], o.GetNamespace())]) > 0:
		return name
	}
	return ""
}

// await repeats a question until its answer is empty.
func (s *Stage) await(complaint string, question func() (string, error)) error {
	for start := time.Now(); ; time.Sleep(pollEvery) {
		what, err := question()
		switch {
		case err != nil:
			return err
		case what == "":
			return nil
		case !s.istiod.Alive():
			return errors.New("istiod died, see istiod.log")
		case time.Since(start) > syncPatience:
			return fmt.Errorf("istiod %s %s after %s", complaint, what, syncPatience)
		}
	}
}
