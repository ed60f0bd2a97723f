//go:build envtest

package operator

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/stretchr/testify/require"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// history is all that happens to the applied objects of a site, in the order in which the API server did it: versions of objects
// of all kinds come from one counter.
type history struct {
	s      *site
	from   client.WithWatch
	cancel context.CancelFunc
	wg     sync.WaitGroup
	mu     sync.Mutex
	events []event
	seen   map[string]uint64 // versions of what is there now
	blind  []span
}

// span is a time of which not all is known, because the API server was away: of what changed twice only the last state is.
type span struct{ from, to uint64 }

type event struct {
	version uint64
	key     string
	object  map[string]any // nil if it was deleted
}

// record begins to watch. It does so directly, whatever stands between the operator and the API server.
func (s *site) record() *history {
	s.t.Helper()
	from, err := client.NewWithWatch(s.config, client.Options{Scheme: s.scheme})
	require.NoError(s.t, err)
	ctx, cancel := context.WithCancel(context.WithoutCancel(s.t.Context()))
	h := &history{s: s, from: from, cancel: cancel, seen: map[string]uint64{}}
	s.t.Cleanup(cancel)
	for _, gvk := range outputs() {
		if gvk.Kind == "Secret" {
			continue
		}
		version, err := h.list(ctx, gvk)
		require.NoError(s.t, err)
		h.wg.Go(func() { h.follow(ctx, gvk, version) })
	}
	return h
}

// last is the version of what was changed last.
func (h *history) last() (version uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, v := range h.seen {
		version = max(version, v)
	}
	return version
}

func listOf(gvk schema.GroupVersionKind) *unstructured.UnstructuredList {
	list := &unstructured.UnstructuredList{}
	list.SetGroupVersionKind(gvk.GroupVersion().WithKind(gvk.Kind + "List"))
	return list
}

// list notes what is there, and what is not any more.
func (h *history) list(ctx context.Context, gvk schema.GroupVersionKind) (string, error) {
	list := listOf(gvk)
	if err := h.from.List(ctx, list); err != nil {
		return "", err
	}
	there := map[string]bool{}
	for i := range list.Items {
		there[keyName(&list.Items[i])] = true
		h.note(&list.Items[i], false)
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, key := range slices.Sorted(maps.Keys(h.seen)) {
		if strings.HasPrefix(key, gvk.Kind+" ") && !there[key] {
			version, _ := strconv.ParseUint(list.GetResourceVersion(), 10, 64)
			h.events = append(h.events, event{version, key, nil})
			delete(h.seen, key)
		}
	}
	return list.GetResourceVersion(), nil
}

func keyName(o client.Object) string {
	return o.GetObjectKind().GroupVersionKind().Kind + " " + o.GetNamespace() + "/" + o.GetName()
}

// note takes an event; it may be told of one twice.
func (h *history) note(o *unstructured.Unstructured, deleted bool) {
	if !h.s.has(o) {
		return
	}
	version, err := strconv.ParseUint(o.GetResourceVersion(), 10, 64)
	key := keyName(o)
	h.mu.Lock()
	defer h.mu.Unlock()
	if err != nil || version <= h.seen[key] {
		return
	}
	e := event{version, key, o.Object}
	if h.seen[key] = version; deleted {
		e.object = nil
		delete(h.seen, key)
	}
	h.events = append(h.events, e)
}

// follow watches one kind. When the server is away it goes on where it was, if the server still knows; else it lists again.
func (h *history) follow(ctx context.Context, gvk schema.GroupVersionKind, version string) {
	for ctx.Err() == nil {
		w, err := h.from.Watch(ctx, listOf(gvk), &client.ListOptions{Raw: &metav1.ListOptions{ResourceVersion: version, AllowWatchBookmarks: true}})
		if err != nil {
			time.Sleep(20 * time.Millisecond)
			continue
		}
		for e := range w.ResultChan() {
			if e.Type == watch.Error {
				if again, err := h.list(ctx, gvk); err == nil {
					h.missed(version, again)
					version = again
				}
				break
			}
			u, ok := e.Object.(*unstructured.Unstructured)
			if !ok {
				break
			}
			if version = u.GetResourceVersion(); e.Type != watch.Bookmark {
				h.note(u, e.Type == watch.Deleted)
			}
		}
		w.Stop()
	}
}

func (h *history) missed(from, to string) {
	a, _ := strconv.ParseUint(from, 10, 64)
	b, _ := strconv.ParseUint(to, 10, 64)
	h.mu.Lock()
	h.blind = append(h.blind, span{a, b})
	h.mu.Unlock()
}

// ends stops watching when all is known that has happened.
func (h *history) ends() *history {
	h.s.t.Helper()
	h.s.eventually(func() error {
		there := h.s.objects()
		h.mu.Lock()
		for key := range h.seen {
			if there[key] == nil {
				h.mu.Unlock()
				return fmt.Errorf("the deletion of %s has not been seen", key)
			}
		}
		h.mu.Unlock()
		for key, o := range there {
			version, err := strconv.ParseUint(o.GetResourceVersion(), 10, 64)
			require.NoError(h.s.t, err)
			h.mu.Lock()
			seen := h.seen[key]
			h.mu.Unlock()
			if o.GetKind() != "Secret" && seen < version {
				return fmt.Errorf("%s of version %d has not been seen, but %d", key, version, seen)
			}
		}
		return nil
	})
	h.cancel()
	h.wg.Wait()
	slices.SortStableFunc(h.events, func(a, b event) int { return cmp.Compare(a.version, b.version) })
	return h
}

// sees tells whether all is known of a moment.
func (h *history) sees(version uint64) bool {
	return !slices.ContainsFunc(h.blind, func(s span) bool { return s.from < version && version <= s.to })
}

// check goes through a history: no route is ever there without what it needs, and of what stays nothing is ever removed, and no route
// that names a host is changed.
func check(t *testing.T, h *history, stays map[string]*unstructured.Unstructured) {
	t.Helper()
	events := h.events
	w := newWorld(events)
	bad := 0
	for i, e := range events {
		stay := stays[e.key]
		if stay != nil && e.object == nil {
			t.Errorf("version %d: %s is removed", e.version, e.key)
			bad++
		}
		if stay != nil && e.object != nil && stay.GetKind() == "VirtualService" && strings.HasSuffix(stay.GetNamespace(), "-edge") {
			if diff := gocmp.Diff(stay.Object["spec"], e.object["spec"]); diff != "" {
				t.Errorf("version %d: %s is changed (-before +then):\n%s", e.version, e.key, diff)
				bad++
			}
		}
		w.take(e)
		if i+1 < len(events) && events[i+1].version == e.version {
			continue
		}
		for _, lack := range w.lacks() {
			if !h.sees(e.version) {
				continue
			}
			t.Errorf("version %d, %s: %s, after %v", e.version, e.key, lack, told(events[max(0, i-15):i+1]))
			bad++
		}
		if bad > 10 {
			t.Fatal("and so on")
		}
	}
}

// told lists events.
func told(events []event) (out []string) {
	for _, e := range events {
		what := "removed"
		if e.object != nil {
			what = "written"
		}
		out = append(out, fmt.Sprintf("%d %s %s", e.version, e.key, what))
	}
	return out
}

// world is what there is at one moment.
type world struct {
	patched map[string]bool // names of routes that are ever patched
	objects map[string]map[string]any
	known   map[string]bool // what was lacking already
}

func newWorld(events []event) *world {
	w := &world{map[string]bool{}, map[string]map[string]any{}, map[string]bool{}}
	for _, e := range events {
		if strings.HasPrefix(e.key, "EnvoyFilter ") {
			for name := range patches(e.object) {
				w.patched[name] = true
			}
		}
	}
	return w
}

func (w *world) take(e event) {
	delete(w.objects, e.key)
	if e.object != nil {
		w.objects[e.key] = e.object
	}
}

// patches are the names of the routes that an EnvoyFilter patches, each with the filters that it configures for it.
func patches(o map[string]any) map[string][]string {
	out := map[string][]string{}
	for _, p := range items(o, "spec", "configPatches") {
		if m, _ := p.(map[string]any); m["applyTo"] == "HTTP_ROUTE" {
			name, _, _ := unstructured.NestedString(m, "match", "routeConfiguration", "vhost", "route", "name")
			filters, _, _ := unstructured.NestedMap(m, "patch", "value", "typed_per_filter_config")
			out[name] = slices.Sorted(maps.Keys(filters))
		}
	}
	return out
}

// inserted are the HTTP filters that an EnvoyFilter adds.
func inserted(o map[string]any) (names []string) {
	for _, p := range items(o, "spec", "configPatches") {
		if m, _ := p.(map[string]any); m["applyTo"] == "HTTP_FILTER" {
			name, _, _ := unstructured.NestedString(m, "patch", "value", "name")
			names = append(names, name)
		}
	}
	return names
}

func items(x any, path ...string) []any {
	m, _ := x.(map[string]any)
	list, _, _ := unstructured.NestedSlice(m, path...)
	return list
}

// lacks says what routes need that is not there, and was not lacking a moment ago.
func (w *world) lacks() (out []string) {
	routes, filters := map[string]map[string][]string{}, map[string]map[string]bool{} // by namespace
	subsets, outside := map[string]bool{}, map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(w.objects)) {
		o := w.objects[key]
		kind, name, _ := strings.Cut(key, " ")
		namespace, _, _ := strings.Cut(name, "/")
		switch kind {
		case "EnvoyFilter":
			if routes[namespace] == nil {
				routes[namespace], filters[namespace] = map[string][]string{}, map[string]bool{}
			}
			maps.Copy(routes[namespace], patches(o))
			for _, f := range inserted(o) {
				filters[namespace][f] = true
			}
		case "ServiceEntry":
			hosts, _, _ := unstructured.NestedStringSlice(o, "spec", "hosts")
			for _, h := range hosts {
				outside[h] = true
			}
		case "DestinationRule":
			host, _, _ := unstructured.NestedString(o, "spec", "host")
			for _, x := range items(o, "spec", "subsets") {
				subsets[fmt.Sprint(seenBy(o, namespace), " ", host, " ", x.(map[string]any)["name"])] = true
			}
		}
	}
	lacking := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(w.objects)) {
		if !strings.HasPrefix(key, "VirtualService ") {
			continue
		}
		for _, what := range w.lacksOf(key, routes, filters, subsets, outside) {
			lacking[key+" "+what] = true
			if !w.known[key+" "+what] {
				out = append(out, key+" "+what)
			}
		}
	}
	w.known = lacking
	return out
}

// seenBy is the namespace of the gateway that an object is for: it is exported to that, or is there.
func seenBy(o map[string]any, namespace string) string {
	if to, _, _ := unstructured.NestedStringSlice(o, "spec", "exportTo"); len(to) > 0 {
		return to[0]
	}
	return namespace
}

func (w *world) lacksOf(key string, routes map[string]map[string][]string, filters map[string]map[string]bool, subsets, outside map[string]bool) (out []string) {
	spec, _ := w.objects[key]["spec"].(map[string]any)
	_, path, _ := strings.Cut(key, " ")
	own, _, _ := strings.Cut(path, "/")
	gateways, _, _ := unstructured.NestedStringSlice(spec, "gateways")
	for _, r := range items(spec, "http") {
		r, _ := r.(map[string]any)
		names := []string{fmt.Sprint(r["name"])}
		for _, m := range items(r, "match") {
			if x, _ := m.(map[string]any); x["name"] != nil {
				names = append(names, fmt.Sprint(r["name"], ".", x["name"]))
			}
		}
		for _, g := range gateways {
			namespace, _, _ := strings.Cut(g, "/")
			for _, name := range names {
				configured, there := routes[namespace][name]
				if w.patched[name] && !there {
					out = append(out, "has route "+name+" at "+g+" without its patch")
				}
				for _, f := range configured {
					if strings.HasPrefix(f, "i2g.") && !filters[namespace][f] {
						out = append(out, "has route "+name+" at "+g+" without filter "+f)
					}
				}
			}
		}
		if d, _ := r["delegate"].(map[string]any); d != nil && w.objects[fmt.Sprintf("VirtualService %s/%s", d["namespace"], d["name"])] == nil {
			out = append(out, fmt.Sprintf("delegates to %s/%s, which is not there", d["namespace"], d["name"]))
		}
		for _, x := range items(r, "route") {
			d, _ := x.(map[string]any)["destination"].(map[string]any)
			if d["subset"] != nil && !subsets[fmt.Sprint(seenBy(w.objects[key], own), " ", d["host"], " ", d["subset"])] {
				out = append(out, fmt.Sprintf("has a route to subset %s of %s, which is not there", d["subset"], d["host"]))
			}
			if host := fmt.Sprint(d["host"]); strings.HasSuffix(host, ".external.i2g.internal") && !outside[host] {
				out = append(out, "has a route to "+host+", which is not there")
			}
		}
	}
	return out
}
