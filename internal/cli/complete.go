package cli

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/tools/clientcmd/api"

	"k8s.io/cli-runtime/pkg/genericclioptions"
)

// completeCluster offers what the kubeconfig holds, and the namespaces of the cluster.
func completeCluster(cmd *cobra.Command, config *genericclioptions.ConfigFlags) {
	names := func(pick func(api.Config) []string) cobra.CompletionFunc {
		return func(_ *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
			c, err := config.ToRawKubeConfigLoader().RawConfig()
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return beginning(pick(c), begun), cobra.ShellCompDirectiveNoFileComp
		}
	}
	offer := func(flag string, f cobra.CompletionFunc) {
		_ = cmd.RegisterFlagCompletionFunc(flag, f) // the flag was just declared
	}
	offer("context", names(func(c api.Config) []string { return slices.Sorted(maps.Keys(c.Contexts)) }))
	offer("cluster", names(func(c api.Config) []string { return slices.Sorted(maps.Keys(c.Clusters)) }))
	offer("user", names(func(c api.Config) []string { return slices.Sorted(maps.Keys(c.AuthInfos)) }))
	offer("namespace", func(cmd *cobra.Command, _ []string, begun string) ([]string, cobra.ShellCompDirective) {
		return beginning(namespaces(cmd.Context(), config), begun), cobra.ShellCompDirectiveNoFileComp
	})
}

func beginning(words []string, begun string) []string {
	return slices.DeleteFunc(words, func(w string) bool { return !strings.HasPrefix(w, begun) })
}

// patience is how long a person at a shell waits for a completion.
const patience = 3 * time.Second

// namespaces lists those of the cluster; none if it does not say so at once.
func namespaces(ctx context.Context, config *genericclioptions.ConfigFlags) []string {
	c, err := config.ToRESTConfig()
	if err != nil {
		return nil
	}
	c.Timeout = patience
	client, err := metadata.NewForConfig(c)
	if err != nil {
		return nil
	}
	list, err := client.Resource(schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}).List(ctx, metav1.ListOptions{Limit: 500})
	if err != nil {
		return nil
	}
	var out []string
	for i := range list.Items {
		out = append(out, list.Items[i].Name)
	}
	return out
}
