package sync

import (
	"context"
	"time"

	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"
)

type queue = workqueue.TypedRateLimitingInterface[reconcile.Request]

// Handler makes one request of all events. It waits before it does, so that a burst of changes is one translation.
func (r *Reconciler) Handler() handler.EventHandler {
	add := func(q queue) { q.AddAfter(reconcile.Request{}, r.wait()) }
	return handler.Funcs{
		CreateFunc:  func(_ context.Context, _ event.CreateEvent, q queue) { add(q) },
		UpdateFunc:  func(_ context.Context, _ event.UpdateEvent, q queue) { add(q) },
		DeleteFunc:  func(_ context.Context, _ event.DeleteEvent, q queue) { add(q) },
		GenericFunc: func(_ context.Context, _ event.TypedGenericEvent[client.Object], q queue) { add(q) },
	}
}

// Begin asks for the first translation, so that there is one even of an empty cluster.
func (r *Reconciler) Begin() source.Source {
	return source.Func(func(_ context.Context, q queue) error {
		q.Add(reconcile.Request{})
		return nil
	})
}

// share is how much longer than translating the pause is: a cluster that never rests keeps a fifth of a core busy at most.
const share = 4

func (r *Reconciler) wait() time.Duration {
	return max(r.Batch, share*time.Duration(r.took.Load()))
}
