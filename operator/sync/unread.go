package sync

import (
	"context"
	"maps"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/translate/resolve"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// unread is what was said of a Migration while something could not be read.
type unread struct {
	message string
	status  v1alpha1.MigrationStatus
}

// tellUnread says of the Migrations that nothing is changed, because something may not be read.
func (l *Loop) tellUnread(ctx context.Context) {
	why := l.Watch.Refused()
	if why == "" || !l.Watch.Knows(&v1alpha1.Migration{}) {
		return
	}
	logger := log.FromContext(ctx).WithName("sync")
	all := &v1alpha1.MigrationList{}
	if err := l.Cache.List(ctx, all); err != nil {
		logger.Error(err, "Cannot list Migrations")
		return
	}
	message := "nothing is changed: " + why
	for i := range all.Items {
		o := &all.Items[i]
		if said, ok := l.unread[o.Name]; ok && said.message == message {
			continue
		}
		if l.unread == nil {
			l.unread = map[string]unread{}
		}
		if err := l.stuck(ctx, o, problem{v1alpha1.ReasonForbidden, message}); err != nil {
			logger.Error(err, "Cannot say that nothing is changed", "Migration", o.Name, "because", why)
			l.Metrics.Failed()
		}
		l.unread[o.Name] = unread{message, o.Status}
	}
}

// told takes what was said of Migrations meanwhile: what the cache says of them may be older.
func (l *Loop) told(in *input) {
	for i := range in.migrations {
		if said, ok := l.unread[in.migrations[i].Name]; ok {
			in.migrations[i].Status = said.status
		}
	}
	l.unread = nil
}

// forbidden says on a Migration that the account lacks a right, if that is what is wrong.
func (l *Loop) forbidden(ctx context.Context, o *v1alpha1.Migration, err error) error {
	if !apierrors.IsForbidden(err) {
		return nil
	}
	return l.stuck(ctx, o, problemOf(err))
}

// unreadSettings tells whether a ConfigMap of a Migration's controller may not be read. It may say what protects all hosts, so that nothing
// can be translated without it. (What single Ingresses name is reported as missing: nobody is to be stopped by naming what is not his.)
func unreadSettings(in *input, o *v1alpha1.Migration) *problem {
	if len(in.unread) == 0 {
		return nil
	}
	named, whole := settingsOf(o)
	if !whole { // it is looked for
		maps.Copy(named, in.controllers)
	}
	all := maps.Clone(named)
	for key := range named {
		for other := range furtherSettings(in.shared.ConfigMaps[key]) {
			all[other] = true
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(in.unread), compareKeys) {
		if all[key] {
			return &problem{v1alpha1.ReasonForbidden, "nothing is changed, because the controller's ConfigMap " + key.String() + " cannot be read: " + in.unread[key]}
		}
	}
	return nil
}

// settingsOf are the ConfigMaps that a Migration says its controller has. whole: the one with its settings is among them.
func settingsOf(o *v1alpha1.Migration) (out map[snapshot.Key]bool, whole bool) {
	out = map[snapshot.Key]bool{}
	s := &o.Spec.Source
	if c := s.ControllerConfig; c != nil {
		out[snapshot.Key{Namespace: c.Namespace, Name: c.Name}], whole = true, true
	}
	flags := resolve.Args(s.ControllerArgs)
	for _, flag := range [...]string{"configmap", "tcp-services-configmap", "udp-services-configmap"} {
		if key, ok := parseKey(flags[flag]); ok {
			out[key], whole = true, whole || flag == "configmap"
		}
	}
	return out, whole
}

// furtherSettings are the ConfigMaps that one of a controller names in turn.
func furtherSettings(c *snapshot.ConfigMap) map[snapshot.Key]bool {
	out := map[snapshot.Key]bool{}
	if c == nil {
		return out
	}
	for _, setting := range [...]string{"add-headers", "proxy-set-headers"} {
		if other, ok := parseKey(c.Data[setting]); ok {
			out[other] = true
		}
	}
	return out
}
