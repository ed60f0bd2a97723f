package apply

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// Keeping gives an EnvoyFilter as it is to be, with those patches of the one in the cluster besides that it has no more and that routes
// need which are not to be changed. needed tells of the name of a route whether it is; without such patches it is d itself.
func (e *Engine) Keeping(ctx context.Context, d *Desired, needed func(route string) (bool, error)) (*Desired, error) {
	live := object(d.Ref)
	if err := e.Client.Get(ctx, d.key(), live); err != nil {
		if apierrors.IsNotFound(err) {
			return d, nil
		}
		return nil, fmt.Errorf("reading %s: %w", d.Ref, err)
	}
	wanted := d.RoutePatches()
	var kept []any
	for _, p := range patchesOf(live) {
		route := patchedRoute(p)
		if route == "" || slices.Contains(wanted, route) {
			continue
		}
		is, err := needed(route)
		if err != nil {
			return nil, err
		}
		if is {
			kept = append(kept, p)
		}
	}
	if len(kept) == 0 {
		return d, nil
	}
	return d.with(kept)
}

// with is the object with further patches.
func (d *Desired) with(patches []any) (*Desired, error) {
	c := *d
	c.kept, c.plain = patches, d
	var err error
	c.Hash, err = digest(c.bare().Object)
	return &c, err
}

// Plain is the object without what Keeping added.
func (d *Desired) Plain() *Desired {
	if d.plain != nil {
		return d.plain
	}
	return d
}

// RoutePatches are the names of the routes that an EnvoyFilter patches.
func (d *Desired) RoutePatches() (names []string) {
	for _, p := range patchesOf(manifest.Unstructured(d.object)) {
		if n := patchedRoute(p); n != "" {
			names = append(names, n)
		}
	}
	return names
}

func patchesOf(u *unstructured.Unstructured) []any {
	list, _, _ := unstructured.NestedFieldNoCopy(u.Object, "spec", "configPatches")
	patches, _ := list.([]any)
	return patches
}

func patchedRoute(patch any) string {
	if text(patch, "applyTo") != "HTTP_ROUTE" {
		return ""
	}
	return text(patch, "match", "routeConfiguration", "vhost", "route", "name")
}

// RouteNames are the names that the routes of a VirtualService in the cluster have in the proxy; none if there is none.
func (e *Engine) RouteNames(ctx context.Context, ref Ref) ([]string, error) {
	u := object(ref)
	if err := e.Client.Get(ctx, ref.key(), u); err != nil {
		if apierrors.IsNotFound(err) {
			return nil, nil
		}
		return nil, fmt.Errorf("reading %s: %w", ref, err)
	}
	return routeNames(u), nil
}

// RouteNames are the names that the routes of a VirtualService have in the proxy.
func (d *Desired) RouteNames() []string {
	if d.Kind != "VirtualService" {
		return nil
	}
	return routeNames(d.bare())
}

func routeNames(u *unstructured.Unstructured) (names []string) {
	list, _, _ := unstructured.NestedFieldNoCopy(u.Object, "spec", "http")
	routes, _ := list.([]any)
	for _, r := range routes {
		name := text(r, "name")
		if name == "" {
			continue
		}
		names = append(names, name)
		m, _ := r.(map[string]any)
		matches, _ := m["match"].([]any)
		for _, x := range matches {
			if n := text(x, "name"); n != "" {
				names = append(names, name+"."+n)
			}
		}
	}
	return names
}
