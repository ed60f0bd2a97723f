package cli

import (
	"bufio"
	"fmt"
	"io"
	"slices"

	"github.com/ingress2gw/ingress2gw/reports"
	"github.com/ingress2gw/ingress2gw/translate"
	"github.com/ingress2gw/ingress2gw/translate/manifest"
	"github.com/ingress2gw/ingress2gw/translate/split"
)

// write writes the objects, or the model, and the mesh configuration.
func (o *convertOptions) write(result *translate.Result, p *plan) error {
	if o.meshOut != "" {
		data, err := manifest.YAML(append(manifest.Map{}, result.MeshConfig...))
		if err != nil {
			return err
		}
		err = writeFile(o.meshOut, func(w io.Writer) error { _, err := w.Write(data); return err })
		if err != nil {
			return ioError{fmt.Errorf("--mesh-config-out: %w", err)}
		}
	}
	objects := slices.Clone(result.Objects)
	manifest.Sort(objects)
	if p.folder != "" {
		return o.writeFolder(p.folder, objects, result.MeshConfig)
	}
	out := bufio.NewWriterSize(o.streams.Out, 1<<16)
	var err error
	switch {
	case o.to == "model":
		var data []byte
		if data, err = manifest.YAML(modelTree(result.Model)); err == nil {
			_, err = out.Write(data)
		}
	case o.output == "name":
		err = manifest.WriteNames(out, objects...)
	default:
		err = o.printer()(out, o.presentable(objects)...)
	}
	if failed := out.Flush(); failed != nil { // what failed before comes back here
		return ioError{failed}
	}
	return err
}

func (o *convertOptions) printer() func(io.Writer, ...*manifest.Object) error {
	switch o.output {
	case "json":
		return manifest.WriteJSON
	case "kyaml":
		return manifest.WriteKYAML
	}
	return manifest.WriteYAML
}

// presentable leaves key material out of what a person would see on a terminal, and says so.
func (o *convertOptions) presentable(objects []*manifest.Object) []*manifest.Object {
	if !o.streams.OutTerminal {
		return objects
	}
	var open []*manifest.Object
	for _, m := range objects {
		if !m.Secret {
			open = append(open, m)
		}
	}
	if n := len(objects) - len(open); n > 0 {
		fmt.Fprintf(o.streams.Err, "Not shown on a terminal: %s with key material. A pipe, a file or -o dir=PATH gets everything.\n", plural(n, "object"))
	}
	return open
}

func (o *convertOptions) writeFolder(folder string, objects []*manifest.Object, mesh manifest.Map) error {
	files, err := split.Layout(objects, mesh)
	if err != nil {
		return err
	}
	done, err := writeTree(folder, files)
	if err != nil {
		return ioError{fmt.Errorf("-o dir=%s: %w", folder, err)}
	}
	if o.quiet {
		return nil
	}
	fmt.Fprintf(o.streams.Err, "%s: %s written, %d unchanged, %d removed.\n", reports.Clean(folder, 0), plural(done.written, "file"), done.unchanged, done.removed)
	if done.secrets > 0 {
		fmt.Fprintf(o.streams.Err, "%s with key material, readable by you only: do not commit.\n", plural(done.secrets, "file"))
	}
	return nil
}
