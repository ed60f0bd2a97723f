package sync

import (
	"context"
	"crypto/rand"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/ingress2gw/ingress2gw/api/v1alpha1"
)

// GuardSecret is the name of the Secret that holds a Migration's guard token, in the operator's namespace.
func GuardSecret(migration string) string { return "ingress2gw-guard-" + migration }

const tokenKey = "token"

// guardToken gives the secret that the guards of protected routes rely on, making it the first time.
func (l *Loop) guardToken(ctx context.Context, m *migration) error {
	if m.token != "" || !l.Apply || l.Namespace == "" {
		return nil
	}
	key := client.ObjectKey{Namespace: l.Namespace, Name: GuardSecret(m.name)}
	s := &corev1.Secret{}
	err := l.Direct.Get(ctx, key, s)
	if apierrors.IsNotFound(err) {
		s = &corev1.Secret{
			ObjectMeta: metav1.ObjectMeta{Namespace: key.Namespace, Name: key.Name},
			Data:       map[string][]byte{tokenKey: []byte(rand.Text())},
		}
		err = l.Direct.Create(ctx, s, client.FieldOwner(v1alpha1.ManagerStatus))
		if apierrors.IsAlreadyExists(err) {
			err = l.Direct.Get(ctx, key, s)
		}
	}
	if err != nil {
		return fmt.Errorf("keeping the guard token in Secret %s: %w", key, err)
	}
	if m.token = string(s.Data[tokenKey]); m.token == "" {
		return fmt.Errorf("the Secret %s has no %q: delete it, and another is made", key, tokenKey)
	}
	return nil
}
