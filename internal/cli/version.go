package cli

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"

	"github.com/ingress2gw/ingress2gw/translate/manifest"
)

type versionOptions struct {
	streams Streams
	deps    Dependencies
	output  string
}

func newVersion(streams Streams, deps Dependencies) *cobra.Command {
	o := &versionOptions{streams: streams, deps: deps}
	cmd := &cobra.Command{
		Use:   "version [flags]",
		Short: "Print the version of ingress2gw and of what it is built from",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usagef("version takes no arguments")
			}
			return nil
		},
		RunE: func(*cobra.Command, []string) error { return o.run() },
	}
	g := newGroup("Output")
	addChoice(g, &o.output, "output", "Format.", "text", "yaml", "json")
	useGroups(cmd, g)
	completeChoices(cmd)
	return cmd
}

func (o *versionOptions) run() error {
	info := manifest.Map{
		{Key: "version", Value: o.deps.Version}, {Key: "go", Value: runtime.Version()}, {Key: "platform", Value: runtime.GOOS + "/" + runtime.GOARCH},
	}
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, m := range build.Deps {
			if m.Path == "istio.io/api" {
				info = info.Set("istioAPI", m.Version)
			}
		}
	}
	var data []byte
	var err error
	switch o.output {
	case "yaml":
		data, err = manifest.YAML(info)
	case "json":
		data, err = manifest.JSON(info)
		data = append(data, '\n')
	default:
		data = fmt.Appendf(data, "ingress2gw %s", o.deps.Version)
		for _, f := range info[1:] {
			data = fmt.Appendf(data, " %s=%s", f.Key, f.Value)
		}
		data = append(data, '\n')
	}
	if err != nil {
		return err
	}
	if _, err := o.streams.Out.Write(data); err != nil {
		return ioError{err}
	}
	return nil
}
