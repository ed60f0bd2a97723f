package sync

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/ownership"
)

// hostList says which namespace serves which host of an edge: admission policies go by it.
type hostList struct {
	namespace string
	data      map[string]string
	written   bool
}

// take takes the list from the objects of a translation. It is not applied like them: people have lines of their own in it,
// and the line of a host that was released stays when its Ingress is deleted.
func (h *hostList) take(o *manifest.Object) {
	*h = hostList{namespace: o.Namespace, data: map[string]string{}}
	data, _ := manifest.Unstructured(o).Object["data"].(map[string]any)
	for k, v := range data {
		h.data[k], _ = v.(string)
	}
}

// keepHosts writes what the list does not say yet, before routes are applied that need it. A host that its namespace has
// already, among others, stays as it is: that is for people to say.
func (r *round) keepHosts(ctx context.Context, h *hostList, needed bool) {
	if !r.Guard.on() || h.namespace == "" || h.written && !needed {
		return
	}
	if err := r.writeHosts(ctx, h); err != nil {
		r.problems, r.again = append(r.problems, problemOf(err)), r.m.retry.next()
		return
	}
	h.written = true
}

// keepAllHosts writes those of both gateways.
func (r *round) keepAllHosts(ctx context.Context, needed bool) {
	for _, e := range [...]*edge{&r.m.live, &r.m.shadow} {
		r.keepHosts(ctx, &e.hosts, needed)
	}
}

func (r *round) writeHosts(ctx context.Context, h *hostList) error {
	list := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: h.namespace, Name: ownership.HostsName}}
	err := r.Direct.Get(ctx, client.ObjectKeyFromObject(list), list)
	if apierrors.IsNotFound(err) {
		list.Data = h.data
		err = r.Direct.Create(ctx, list, client.FieldOwner(v1alpha1.ManagerPlatform))
	} else if err == nil {
		err = r.addHosts(ctx, h, list)
	}
	if err != nil {
		return fmt.Errorf("keeping the list of hosts in ConfigMap %s/%s: %w", h.namespace, ownership.HostsName, err)
	}
	return nil
}

func (r *round) addHosts(ctx context.Context, h *hostList, list *corev1.ConfigMap) error {
	missing := map[string]string{}
	for host, namespace := range h.data {
		was, listed := list.Data[host]
		if !listed || was != namespace && !slices.Contains(strings.Split(was, ","), namespace) {
			missing[host] = namespace
		}
	}
	if len(missing) == 0 {
		return nil
	}
	patch, err := json.Marshal(map[string]any{"data": missing})
	if err != nil {
		return err
	}
	return r.Direct.Patch(ctx, list, client.RawPatch("application/merge-patch+json", patch), client.FieldOwner(v1alpha1.ManagerPlatform))
}
