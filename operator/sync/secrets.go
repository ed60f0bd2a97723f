package sync

import (
	"context"
	"fmt"
	"maps"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/annotations/nginx"
	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
	"github.com/ingress2gw/ingress2gw/operator/inputs"
	"github.com/ingress2gw/ingress2gw/translate/snapshot"
)

// readSecrets takes the names of all Secrets. What they hold is not in the cache.
func (l *Loop) readSecrets(ctx context.Context, in *input) error {
	if !l.Secrets {
		return nil
	}
	k := &l.store.Secrets
	k.Begin()
	defer k.End()
	return list(ctx, l, metadata("Secret"), func(o *metav1.PartialObjectMetadata) error {
		key := keyOf(o)
		x, err := k.Get(key, string(o.UID), func() (*snapshot.Secret, error) { return inputs.NewSecret(key, "", nil), nil })
		in.shared.Secrets[key], in.secrets[key] = x, versionOf(o)
		return err
	})
}

// secretReader reads the content of named Secrets, and keeps it while they do not change.
type secretReader struct {
	read map[snapshot.Key]*secretContent
}

type secretContent struct {
	version string
	secret  *snapshot.Secret
	// broken says why its pair must not reach the gateway; lastGood is what the gateway has instead, nil if nothing.
	broken   string
	lastGood *snapshot.Secret
	// again is when one that may not be read is asked for again; zero for others.
	again time.Time
}

// forbiddenFor is after how many times the pause for what is missing a Secret that may not be read is asked for again.
const forbiddenFor = 4

// readsSecrets tells whether translations depend on what Secrets hold.
func (l *Loop) readsSecrets(m *migration) bool {
	return l.Secrets && l.Apply && (m.settings.Spec.TLS.Policy == "copy" || m.settings.Spec.ReadAuthSecrets)
}

// contents replaces the Secrets that Ingresses name by ones with content. It says what is wrong with which.
func (l *Loop) contents(ctx context.Context, in *input, m *migration, items []*item) (secrets map[snapshot.Key]*snapshot.Secret, broken map[snapshot.Key]string, err error) {
	copies := m.settings.Spec.TLS.Policy == "copy"
	m.ask = 0
	if !l.readsSecrets(m) {
		return in.shared.Secrets, nil, nil
	}
	secrets, broken = maps.Clone(in.shared.Secrets), map[snapshot.Key]string{}
	if l.secrets.read == nil {
		l.secrets.read = map[snapshot.Key]*secretContent{}
	}
	need := func(keys []snapshot.Key, pair bool) error {
		for _, key := range keys {
			version := in.secrets[key]
			if version == "" {
				continue
			}
			c := l.secrets.read[key]
			if c == nil || c.version != version || !c.again.IsZero() && !time.Now().Before(c.again) {
				if c, err = l.secretContent(ctx, m, key, version, pair); err != nil {
					return err
				}
				l.secrets.read[key] = c
			}
			if c.broken != "" {
				broken[key] = c.broken
			}
			if left := time.Until(c.again); !c.again.IsZero() {
				m.ask = sooner(m.ask, max(left, time.Second/5))
			}
			switch {
			case c.lastGood != nil:
				secrets[key] = c.lastGood
			case c.secret != nil:
				secrets[key] = c.secret
			}
		}
		return nil
	}
	for _, it := range items {
		if copies {
			if err := need(it.source.Certificates, true); err != nil {
				return nil, nil, err
			}
		}
		if m.settings.Spec.ReadAuthSecrets {
			if err := need(it.source.Users, false); err != nil {
				return nil, nil, err
			}
		}
	}
	return secrets, broken, nil
}

func (l *Loop) secretContent(ctx context.Context, m *migration, key snapshot.Key, version string, pair bool) (*secretContent, error) {
	c := &secretContent{version: version}
	o := &corev1.Secret{}
	err := l.Direct.Get(ctx, client.ObjectKey{Namespace: key.Namespace, Name: key.Name}, o)
	switch {
	case apierrors.IsNotFound(err):
		return c, nil
	case apierrors.IsForbidden(err):
		c.again = time.Now().Add(forbiddenFor * l.Watch.Again)
		c.broken = "the operator may not read it (" + err.Error() + ")"
	case err != nil:
		return nil, fmt.Errorf("reading Secret %s: %w", key, err)
	default:
		c.secret = inputs.NewSecret(key, string(o.Type), o.Data)
	}
	if !pair {
		return c, nil
	}
	if c.again.IsZero() {
		c.broken = brokenPair(o.Data)
	}
	if c.broken == "" {
		return c, nil
	}
	held := &corev1.Secret{}
	namespace := m.settings.Live.Target.Gateway.Namespace
	err = l.Direct.Get(ctx, client.ObjectKey{Namespace: namespace, Name: copyName(key)}, held)
	switch {
	case apierrors.IsNotFound(err), apierrors.IsForbidden(err):
		return c, nil
	case err != nil:
		return nil, fmt.Errorf("reading Secret %s/%s: %w", namespace, copyName(key), err)
	}
	if held.Labels[v1alpha1.LabelMigration] == m.name && brokenPair(held.Data) == "" {
		c.lastGood = inputs.NewSecret(key, string(held.Type), held.Data)
	}
	return c, nil
}

// copyName is the name of a copy in the gateway's namespace.
func copyName(key snapshot.Key) string {
	name := key.Namespace + "." + key.Name
	if strings.HasSuffix(name, "-cacert") {
		name += ".i2g"
	}
	return name
}

// brokenPair tells what is wrong with a key pair and a CA, as far as there are any; "" for nothing.
func brokenPair(data map[string][]byte) string {
	_, hasPair := data["tls.crt"]
	_, hasCA := data["ca.crt"]
	if hasPair || !hasCA {
		if _, err := nginx.CheckPair(data); err != nil {
			return err.Error()
		}
	}
	if hasCA {
		return nginx.CheckCA(data)
	}
	return ""
}
