package operator

import (
	"context"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	apiwatch "k8s.io/apimachinery/pkg/watch"
	toolscache "k8s.io/client-go/tools/cache"

	"github.com/ingress2gw/ingress2gw/operator/watch"
)

// newInformer is how a cache makes informers.
type newInformer = func(toolscache.ListerWatcher, runtime.Object, time.Duration, toolscache.Indexers) toolscache.SharedIndexInformer

// inputInformer makes those of what is translated. (The cache's own selectors need kinds that are there already.)
func inputInformer(w **watch.Watcher) newInformer {
	return func(lw toolscache.ListerWatcher, o runtime.Object, resync time.Duration, indexers toolscache.Indexers) toolscache.SharedIndexInformer {
		return informer(heard(lw, *w, watch.InputName(o), watch.Selector(o)), o, resync, indexers)
	}
}

// outputInformer makes those of what is applied.
func outputInformer(w **watch.Watcher) newInformer {
	return func(lw toolscache.ListerWatcher, o runtime.Object, resync time.Duration, indexers toolscache.Indexers) toolscache.SharedIndexInformer {
		return informer(heard(lw, *w, watch.OutputName(o), ""), o, resync, indexers)
	}
}

// heard lets a Watcher hear of how reading goes, and reads what a selector says; "" for all.
func heard(lw toolscache.ListerWatcher, w *watch.Watcher, name, selector string) toolscache.ListerWatcher {
	all := toolscache.ToListerWatcherWithContext(lw)
	some := func(o metav1.ListOptions) metav1.ListOptions {
		if selector != "" {
			o.LabelSelector = selector
		}
		return o
	}
	return &toolscache.ListWatch{
		ListWithContextFunc: func(ctx context.Context, o metav1.ListOptions) (runtime.Object, error) {
			out, err := all.ListWithContext(ctx, some(o))
			w.Listed(name, err)
			return out, err
		},
		WatchFuncWithContext: func(ctx context.Context, o metav1.ListOptions) (apiwatch.Interface, error) {
			out, err := all.WatchWithContext(ctx, some(o))
			w.Watched(name, err)
			return out, err
		},
	}
}

// informer makes one that ends when it is told to.
func informer(lw toolscache.ListerWatcher, o runtime.Object, resync time.Duration, indexers toolscache.Indexers) toolscache.SharedIndexInformer {
	return ending{toolscache.NewSharedIndexInformer(lw, o, resync, indexers)}
}

// ending is an informer that does not wait for its watch when it is to end. One that could not be begun is tried again after up to a
// minute, and client-go sleeps until then, whatever happens: after an outage the operator would outlive its grace, and keep its lease.
type ending struct{ toolscache.SharedIndexInformer }

// RunWithContext implements toolscache.SharedIndexInformer. It is what caches call.
func (e ending) RunWithContext(ctx context.Context) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		e.SharedIndexInformer.RunWithContext(ctx)
	}()
	select {
	case <-done:
	case <-ctx.Done():
	}
}
