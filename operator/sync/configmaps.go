package sync

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"sync/atomic"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/operator/inputs"
	"github.com/ingress2gw/ingress2gw/reports/finding"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// configMaps are those in use. All others are known by name only.
type configMaps struct {
	named atomic.Pointer[map[snapshot.Key]bool]
}

// NamesConfigMap tells whether a translation depends on a ConfigMap.
func (l *Loop) NamesConfigMap(o client.Object) bool {
	named := l.configMaps.named.Load()
	return named == nil || isController(o.GetLabels()) || (*named)[keyOf(o)]
}

// isController tells whether an object is part of an installation of ingress-nginx.
func isController(labels map[string]string) bool {
	return labels["app.kubernetes.io/name"] == "ingress-nginx"
}

// readConfigMaps reads those that translations depend on: of the controller, of its arguments and annotations, and those that
// these ConfigMaps name in turn. That one is needed is noted before it is read: a change of it meanwhile then leads to
// another round.
func (l *Loop) readConfigMaps(ctx context.Context, in *input) error {
	versions, wanted := map[snapshot.Key]string{}, map[snapshot.Key]bool{}
	if err := list(ctx, l, metadata("ConfigMap"), func(o *metav1.PartialObjectMetadata) error {
		versions[keyOf(o)] = versionOf(o)
		if isController(o.Labels) {
			wanted[keyOf(o)] = true
		}
		return nil
	}); err != nil {
		return err
	}
	in.controllers, in.unread = maps.Clone(wanted), map[snapshot.Key]string{}
	l.wantedMaps(in, wanted)
	k := &l.store.ConfigMaps
	k.Begin()
	defer k.End()
	for range 2 {
		named := make(map[snapshot.Key]bool, len(wanted))
		for key := range wanted {
			named[key] = true
		}
		l.configMaps.named.Store(&named)
		for key := range named {
			if versions[key] == "" || in.shared.ConfigMaps[key] != nil {
				continue
			}
			c, err := k.Get(key, versions[key], func() (*snapshot.ConfigMap, error) { return l.configMap(ctx, key) })
			switch {
			case apierrors.IsForbidden(err):
				in.unread[key] = err.Error()
				in.shared.Findings.Report(finding.NotListed, finding.Origin{}, "configmap "+key.String(), err.Error())
			case apierrors.IsNotFound(err):
			case err != nil:
				return fmt.Errorf("reading ConfigMap %s: %w", key, err)
			case c != nil:
				in.shared.ConfigMaps[key] = c
				maps.Copy(wanted, furtherSettings(c))
			}
		}
	}
	return nil
}

// wantedMaps adds the ConfigMaps that Migrations and Ingresses name.
func (l *Loop) wantedMaps(in *input, wanted map[snapshot.Key]bool) {
	for i := range in.migrations {
		named, _ := settingsOf(&in.migrations[i])
		maps.Copy(wanted, named)
	}
	for _, all := range [...]map[snapshot.Key]*inputs.Ingress{in.read, in.remembered} {
		for _, x := range all {
			for _, key := range x.ConfigMaps {
				wanted[key] = true
			}
		}
	}
}

func parseKey(s string) (snapshot.Key, bool) {
	namespace, name, ok := strings.Cut(s, "/")
	return snapshot.Key{Namespace: namespace, Name: name}, ok && namespace != "" && name != "" && !strings.ContainsAny(name, "/ ")
}

func (l *Loop) configMap(ctx context.Context, key snapshot.Key) (*snapshot.ConfigMap, error) {
	c := &corev1.ConfigMap{}
	if err := l.Direct.Get(ctx, client.ObjectKey{Namespace: key.Namespace, Name: key.Name}, c); err != nil {
		return nil, err
	}
	c.ManagedFields, c.BinaryData = nil, nil
	return inputs.ReadConfigMap(c)
}
