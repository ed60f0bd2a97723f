package state

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/restmapper"

	"github.com/ingress2gw/ingress2gw/reports/diff"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// Options say how a cluster is compared.
type Options struct {
	// Manager is the field manager to apply as; "" means the one of ours that manages the object already.
	Manager string
	// Force takes fields from other managers without a word.
	Force bool
	// ReadOnly asks for nothing that needs the right to write: what applying would do is worked out here, without the
	// defaults and the admission of the server.
	ReadOnly bool
	// Prune also looks for objects of ours that are no longer wanted: in PruneNamespace, or everywhere if that is "".
	Prune          bool
	PruneNamespace string
	// Workers is how many objects are asked about at a time; 0 means 8.
	Workers int
}

// Cluster asks an API server.
type Cluster struct {
	client dynamic.Interface
	mapper meta.RESTMapper
	groups []*restmapper.APIGroupResources
	opts   Options
	host   string
}

// Connect finds out what an API server serves.
func Connect(config *rest.Config, o Options) (*Cluster, error) {
	config = rest.CopyConfig(config)
	config.QPS = -1 // the server has its own fairness
	config.WarningHandlerWithContext = warnings{}
	finder, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	groups, err := restmapper.GetAPIGroupResources(finder)
	if err != nil {
		return nil, askError(config.Host, err)
	}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("reading the kubeconfig: %w", err)
	}
	o.Workers = cmp.Or(o.Workers, 8)
	return &Cluster{client: client, mapper: restmapper.NewDiscoveryRESTMapper(groups), groups: groups, opts: o, host: config.Host}, nil
}

// askError says in words what kept the API server from answering at all.
func askError(host string, err error) error {
	switch {
	case apierrors.IsUnauthorized(err):
		return fmt.Errorf("the API server %s does not accept the credentials of the kubeconfig: %w", host, err)
	case apierrors.IsForbidden(err):
		return fmt.Errorf("the API server %s does not say what it serves: %w", host, err)
	}
	return fmt.Errorf("the API server %s does not answer: %w", host, err)
}

// Compare asks what applying the objects would change. The error is for a server that does not answer; what is wrong with one
// object is said of that object.
func (c *Cluster) Compare(ctx context.Context, objects []*manifest.Object) ([]diff.Pair, []string, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	pairs := make([]diff.Pair, len(objects))
	next := make(chan int)
	var hands sync.WaitGroup
	for range min(c.opts.Workers, len(objects)) {
		hands.Go(func() {
			for i := range next {
				if err := c.object(ctx, objects[i], &pairs[i]); err != nil {
					cancel(err)
				}
			}
		})
	}
	for i := range objects {
		if ctx.Err() != nil {
			break
		}
		next <- i
	}
	close(next)
	hands.Wait()
	if ctx.Err() != nil {
		return nil, nil, askError(c.host, context.Cause(ctx))
	}
	if !c.opts.Prune {
		return pairs, nil, nil
	}
	gone, notices, err := c.unwanted(ctx, objects)
	return append(pairs, gone...), notices, err
}

// object compares one object. It fails if the server does not answer.
func (c *Cluster) object(ctx context.Context, o *manifest.Object, p *diff.Pair) error {
	*p = pairOf(o)
	client, missing := c.resource(p.ID)
	if missing != "" {
		p.Reason = missing
		return nil
	}
	ctx = withNotices(ctx, p)
	live, err := client.Get(ctx, o.Name, metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
	case err != nil:
		return c.failed(p, "cannot be read", err)
	default:
		p.Live = live.Object
		p.Notices = append(p.Notices, takeover(live.Object)...)
		if live.GetDeletionTimestamp() != nil {
			p.Notices = append(p.Notices, "is being deleted")
		}
	}
	p.Stated = manifest.Unstructured(o).Object
	manager := cmp.Or(c.opts.Manager, diff.Manager(p.Live))
	if c.opts.ReadOnly {
		p.Wanted = predict(p.Live, p.Stated, manager)
		return nil
	}
	err = c.dryRun(ctx, client, o, p, manager)
	if err == nil {
		return nil
	}
	if mayNotWrite(err) {
		p.Wanted = predict(p.Live, p.Stated, manager)
		p.Incomplete = true
		p.Notices = append(p.Notices, "compared without the server's defaults and admission: "+message(p.ID, err))
		return nil
	}
	return c.failed(p, "", err)
}

// dryRun lets the server apply the object without keeping the result. Where others manage fields that would change, it says
// so, and applies with force to see what would come out.
func (c *Cluster) dryRun(ctx context.Context, client dynamic.ResourceInterface, o *manifest.Object, p *diff.Pair, manager string) error {
	apply := metav1.ApplyOptions{FieldManager: manager, Force: c.opts.Force, DryRun: []string{metav1.DryRunAll}}
	result, err := client.Apply(ctx, o.Name, manifest.Unstructured(o), apply)
	if apierrors.IsConflict(err) && !c.opts.Force {
		p.Conflicts = conflicts(err)
		apply.Force = true
		result, err = client.Apply(ctx, o.Name, manifest.Unstructured(o), apply)
	}
	if err != nil {
		return err
	}
	p.Wanted = result.Object
	return nil
}

// resource is where objects of a kind are, or why there are none.
func (c *Cluster) resource(id diff.ID) (dynamic.ResourceInterface, string) {
	gv, err := schema.ParseGroupVersion(id.APIVersion)
	if err != nil {
		return nil, err.Error()
	}
	mapping, err := c.mapper.RESTMapping(gv.WithKind(id.Kind).GroupKind(), gv.Version)
	if err != nil {
		return nil, c.unserved(gv, id.Kind)
	}
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		return c.client.Resource(mapping.Resource).Namespace(id.Namespace), ""
	}
	return c.client.Resource(mapping.Resource), ""
}

// unserved says that a kind is not there, and what is there instead.
func (c *Cluster) unserved(gv schema.GroupVersion, kind string) string {
	var versions []string
	for _, g := range c.groups {
		if g.Group.Name != gv.Group {
			continue
		}
		for version, resources := range g.VersionedResources {
			if slices.ContainsFunc(resources, func(r metav1.APIResource) bool { return r.Kind == kind }) {
				versions = append(versions, version)
			}
		}
	}
	if len(versions) > 0 {
		slices.Sort(versions)
		return fmt.Sprintf("the cluster has %s of %s only as %s, not as %s", kind, gv.Group, strings.Join(versions, ", "), gv.Version)
	}
	return fmt.Sprintf("the cluster has no %s of %s: its CustomResourceDefinition is not installed", kind, gv)
}

// failed says of an object that it cannot be compared. It fails itself if the server does not answer.
func (c *Cluster) failed(p *diff.Pair, what string, err error) error {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || apierrors.IsUnauthorized(err) {
		return err
	}
	reason := message(p.ID, err)
	switch {
	case apierrors.IsNotFound(err) && strings.Contains(err.Error(), "namespaces "):
		reason = "namespace " + p.ID.Namespace + " does not exist"
	case what != "":
		reason = what + ": " + reason
	default:
		reason = "the API server refuses it: " + reason
	}
	p.Reason = reason
	return nil
}

// message is what the server said. Of a Secret it is only which fields are wrong, and how: values could stand in the rest.
func message(id diff.ID, err error) string {
	var status apierrors.APIStatus
	if id.Kind != "Secret" || id.Group() != "" || !errors.As(err, &status) || apierrors.IsForbidden(err) || apierrors.IsNotFound(err) {
		return err.Error()
	}
	s := status.Status()
	parts := []string{string(s.Reason)}
	if s.Details != nil {
		for _, cause := range s.Details.Causes {
			parts = append(parts, cause.Field+" "+string(cause.Type))
		}
	}
	return strings.Join(parts, ", ")
}

// mayNotWrite tells a user without rights from an object that admission refuses.
func mayNotWrite(err error) bool {
	if !apierrors.IsForbidden(err) {
		return false
	}
	text := err.Error()
	return strings.Contains(text, `cannot patch resource "`) || strings.Contains(text, `cannot create resource "`)
}

// conflicts reads who manages which field.
func conflicts(err error) []diff.Conflict {
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Details == nil {
		return nil
	}
	var out []diff.Conflict
	for _, cause := range status.Status().Details.Causes {
		manager := cause.Message
		if _, rest, ok := strings.Cut(cause.Message, `conflict with "`); ok {
			manager, _, _ = strings.Cut(rest, `"`)
		}
		out = append(out, diff.Conflict{Manager: manager, Field: strings.TrimPrefix(cause.Field, ".")})
	}
	slices.SortFunc(out, func(a, b diff.Conflict) int {
		return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Manager, b.Manager))
	})
	return slices.Compact(out)
}
