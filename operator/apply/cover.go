package apply

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/fnv"
	"io"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// A TLS host that moves to another Gateway is on neither of them for a moment. Where the Host decides about routes, so that all servers look
// them up in one table, another server stands in front of both for that time, with the certificate that the host is to have: a Gateway that
// names no host which anybody asks for, and a filter which gives it the hosts. Its filter chain also asks that the connection be TLS, as all
// of these are; that makes it more specific, so the proxy takes it first, and none of its chains is like another. What it answers is what
// the table says, which everybody may ask for: a host that asks for client certificates is not in it.

// coverPrefix begins the names of what covers hosts while they move; no other object's.
const coverPrefix = "moving-i2g-"

// objTables is the EnvoyFilter that gives servers the table of routes; it may have further parts. The translation makes it so.
const objTables = "i2g-sni"

// envoyFilter is the version in which EnvoyFilters are.
const envoyFilter = "networking.istio.io/v1alpha3"

// coversOf are what may cover the hosts that move to a Gateway, or stay on it while others leave.
func coversOf(gateway Ref) (filter, server Ref) {
	name := fnv.New64a()
	_, _ = io.WriteString(name, gateway.Namespace+"/"+gateway.Name)
	server = Ref{gateway.APIVersion, gateway.Kind, gateway.Namespace, fmt.Sprintf("%s%x", coverPrefix, name.Sum64())}
	return Ref{envoyFilter, "EnvoyFilter", server.Namespace, server.Name}, server
}

// Covers are objects that a plan may make and remove again, beside those that it is about.
func (p *Plan) Covers() (refs []Ref) {
	for i := range p.Changes {
		if c := &p.Changes[i]; c.Kind == "Gateway" {
			filter, server := coversOf(c.Ref)
			refs = append(refs, filter, server)
		}
	}
	return refs
}

// cover puts servers in front of those whose hosts move, and gives what it made. Without one hosts move all the same.
func (r *run) cover(ctx context.Context, p *Plan, g gateways) (made []Ref, err error) {
	moves := g.recertified()
	if len(moves) == 0 {
		return nil, nil
	}
	for i := range p.Remove { // of a process that ended: no host may be covered twice
		if l := &p.Remove[i]; strings.HasPrefix(l.Name, coverPrefix) {
			if r.remove(ctx, l); r.bad(l.Ref) {
				return nil, nil
			}
		}
	}
	tables := map[string][]any{}
	for _, ref := range sortedRefs(g.wanted) {
		if _, known := tables[ref.Namespace]; !known {
			tables[ref.Namespace] = r.tables(ctx, ref.Namespace)
		}
		for _, u := range g.cover(ref, moves[ref], tables[ref.Namespace]) {
			if !r.removable(ctx, u) || r.make(ctx, u) != nil {
				break
			}
			made = append(made, refOf(u))
		}
	}
	if len(made) == 0 {
		return nil, nil
	}
	return made, r.Pause(ctx)
}

func refOf(u *unstructured.Unstructured) Ref {
	return Ref{u.GetAPIVersion(), u.GetKind(), u.GetNamespace(), u.GetName()}
}

// removable tells whether an object that is not there could be removed if it were.
func (r *run) removable(ctx context.Context, u *unstructured.Unstructured) bool {
	return apierrors.IsNotFound(r.Client.Delete(ctx, object(refOf(u)), client.DryRunAll))
}

// make makes an object for a while.
func (r *run) make(ctx context.Context, u *unstructured.Unstructured) error {
	hash, err := digest(u.Object)
	if err != nil {
		return err
	}
	annotate(u, AnnotationHash, hash)
	u.SetResourceVersion(noVersion)
	body, err := json.Marshal(u.Object)
	if err != nil {
		return fmt.Errorf("writing %s: %w", u.GetName(), err)
	}
	_, err = r.Client.Do(ctx, Write{Ref: refOf(u), Body: body, Manager: v1alpha1.ManagerPlatform, Patch: types.ApplyPatchType, Strict: true})
	return err
}

// uncover takes away what cover made.
func (r *run) uncover(ctx context.Context, made []Ref) {
	for _, ref := range made {
		r.mu.Lock()
		delete(r.results, ref)
		r.mu.Unlock()
		r.remove(ctx, &Live{Ref: ref})
	}
}

// tables are the patches that give servers the table of routes.
func (r *run) tables(ctx context.Context, namespace string) (patches []any) {
	for name, i := objTables, 2; ; name, i = fmt.Sprintf("%s-%d", objTables, i), i+1 {
		u := object(Ref{envoyFilter, "EnvoyFilter", namespace, name})
		if err := r.Client.Get(ctx, Ref{Namespace: namespace, Name: name}.key(), u); err != nil || !isOurs(u.GetManagedFields()) {
			return patches
		}
		for _, p := range patchesOf(u) {
			if text(p, "applyTo") == "NETWORK_FILTER" {
				patches = append(patches, p)
			}
		}
	}
}

// recertified are the hosts that move between servers which ask for no client certificates, by the Gateway that they move to.
func (g gateways) recertified() map[Ref][]string {
	out := map[Ref][]string{}
	for from, u := range g.live {
		for _, s := range serversOf(u) {
			for _, c := range s.claims(u) {
				if to, leaves := g.leaves(from, c); s.named && leaves && s.mode == simple && g.modes[c] == simple {
					out[to] = append(out[to], c.host)
				}
			}
		}
	}
	for _, hosts := range out {
		slices.Sort(hosts)
	}
	return out
}

// cover makes what covers a Gateway while hosts move to it, or from it.
func (g gateways) cover(ref Ref, hosts []string, tables []any) (out []*unstructured.Unstructured) {
	wanted, live := g.wanted[ref], g.live[ref]
	selector, _, _ := unstructured.NestedMap(wanted.Object, "spec", "selector")
	servers, _, _ := unstructured.NestedSlice(wanted.Object, "spec", "servers")
	filterRef, serverRef := coversOf(ref)
	var patches []any
	if table := tableOf(wanted, tables); table != nil && len(hosts) > 0 && len(servers) == 1 {
		nobodys := serverRef.Name + "." + parkedHost
		server, _ := servers[0].(map[string]any)
		server["hosts"] = []any{serverRef.Namespace + "/" + nobodys}
		patches = append(patches, inFront(nobodys, hosts), lookUp(table, nobodys))
		out = append(out, passing(serverRef, wanted, map[string]any{"selector": selector, "servers": servers}))
	}
	if live != nil {
		// Those that stay have the table by a host that leaves.
		if rest, table := g.shrunk(ref), tableOf(live, tables); rest != live && rest != nil && table != nil && tableOf(rest, tables) == nil {
			patches = append(patches, lookUp(table, bareHosts(rest)[0]))
		}
	}
	if len(patches) == 0 {
		return nil
	}
	filter := passing(filterRef, wanted, map[string]any{"workloadSelector": map[string]any{"labels": selector}, "configPatches": patches})
	return append([]*unstructured.Unstructured{filter}, out...)
}

// passing is an object of the same Migration and edge as another.
func passing(ref Ref, like *unstructured.Unstructured, spec map[string]any) *unstructured.Unstructured {
	u := object(ref)
	u.SetLabels(like.GetLabels())
	u.Object["spec"] = spec
	return u
}

// bareHosts are the hosts whose TLS connections a Gateway takes.
func bareHosts(u *unstructured.Unstructured) (hosts []string) {
	for _, s := range serversOf(u) {
		if s.named {
			for _, c := range s.claims(u) {
				hosts = append(hosts, c.host)
			}
		}
	}
	return hosts
}

// tableOf is the patch that gives a Gateway's server the table of routes; nil if it has one of its own.
func tableOf(u *unstructured.Unstructured, tables []any) any {
	hosts := bareHosts(u)
	for _, p := range tables {
		if slices.Contains(hosts, text(p, "match", "listener", "filterChain", "sni")) {
			return p
		}
	}
	return nil
}

// lookUp is the same patch for the server of another host.
func lookUp(table any, host string) any {
	m, _ := table.(map[string]any)
	u := (&unstructured.Unstructured{Object: m}).DeepCopy()
	if err := unstructured.SetNestedField(u.Object, host, "match", "listener", "filterChain", "sni"); err != nil {
		return table
	}
	return u.Object
}

// inFront lets the server of one host take others before the servers that name them.
func inFront(host string, others []string) any {
	names := make([]any, len(others))
	for i, h := range others {
		names[i] = h
	}
	return map[string]any{
		"applyTo": "FILTER_CHAIN",
		"match":   map[string]any{"context": "GATEWAY", "listener": map[string]any{"filterChain": map[string]any{"sni": host}}},
		"patch": map[string]any{"operation": "MERGE", "value": map[string]any{
			"filter_chain_match": map[string]any{"server_names": names, "transport_protocol": "tls"},
		}},
	}
}
