package state

import (
	"context"
	"errors"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/ingress2gw/ingress2gw/reports/diff"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

// kinds are the kinds of which a translation can have made objects.
func kinds() []schema.GroupKind {
	return []schema.GroupKind{
		{Group: "", Kind: "ConfigMap"},
		{Group: "", Kind: "Secret"},
		{Group: "admissionregistration.k8s.io", Kind: "ValidatingAdmissionPolicy"},
		{Group: "admissionregistration.k8s.io", Kind: "ValidatingAdmissionPolicyBinding"},
		{Group: "cert-manager.io", Kind: "Certificate"},
		{Group: "gateway.networking.k8s.io", Kind: "ReferenceGrant"},
		{Group: "networking.istio.io", Kind: "DestinationRule"},
		{Group: "networking.istio.io", Kind: "EnvoyFilter"},
		{Group: "networking.istio.io", Kind: "Gateway"},
		{Group: "networking.istio.io", Kind: "ServiceEntry"},
		{Group: "networking.istio.io", Kind: "VirtualService"},
		{Group: "rbac.authorization.k8s.io", Kind: "ClusterRole"},
		{Group: "rbac.authorization.k8s.io", Kind: "Role"},
		{Group: "rbac.authorization.k8s.io", Kind: "RoleBinding"},
		{Group: "security.istio.io", Kind: "AuthorizationPolicy"},
		{Group: "telemetry.istio.io", Kind: "Telemetry"},
	}
}

// pageSize is how many objects one answer holds.
const pageSize = 500

// unwanted finds objects of ours that are no longer wanted. Notices say what may not be looked at.
func (c *Cluster) unwanted(ctx context.Context, wanted []*manifest.Object) ([]diff.Pair, []string, error) {
	keep := map[string]bool{}
	for _, o := range wanted {
		keep[diff.IDOf(o).Key()] = true
	}
	var out []diff.Pair
	var notices []string
	for _, kind := range kinds() {
		mapping, err := c.mapper.RESTMapping(kind)
		if err != nil {
			continue // no such kind, no such objects
		}
		client := c.client.Resource(mapping.Resource).Namespace(c.opts.PruneNamespace)
		if mapping.Scope.Name() != "namespace" {
			if c.opts.PruneNamespace != "" {
				continue
			}
			client = c.client.Resource(mapping.Resource)
		}
		list := metav1.ListOptions{LabelSelector: labelManagedBy + "=" + managedBy, Limit: pageSize}
		for {
			page, err := client.List(ctx, list)
			var status apierrors.APIStatus
			if err != nil && errors.As(err, &status) && !apierrors.IsUnauthorized(err) {
				notices = append(notices, fmt.Sprintf("It is not known which objects of kind %s are to be pruned: %s", kind.Kind, err))
				break
			}
			if err != nil {
				return nil, nil, askError(c.host, err)
			}
			for _, item := range page.Items {
				if id := diff.TreeID(item.Object); !keep[id.Key()] {
					out = append(out, diff.Pair{ID: id, Live: item.Object})
				}
			}
			if list.Continue = page.GetContinue(); list.Continue == "" {
				break
			}
		}
	}
	slices.Sort(notices)
	return out, notices, nil
}
