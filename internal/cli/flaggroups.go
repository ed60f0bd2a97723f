package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// flagGroup is a part of a command's flags, shown under a title of its own in the help.
type flagGroup struct {
	title string
	flags *pflag.FlagSet
}

func newGroup(title string) flagGroup {
	return flagGroup{title, pflag.NewFlagSet(title, pflag.ContinueOnError)}
}

// helpWidth is where flag descriptions are wrapped: the same everywhere, so that help is the same text everywhere.
const helpWidth = 120

// useGroups gives a command the flags of the groups, and help that shows them so.
func useGroups(cmd *cobra.Command, groups ...flagGroup) {
	for _, g := range groups {
		g.flags.SortFlags = false
		cmd.Flags().AddFlagSet(g.flags)
	}
	cmd.SetUsageFunc(func(c *cobra.Command) error {
		w := c.OutOrStderr()
		fmt.Fprintf(w, "Usage:\n  %s\n", c.UseLine())
		if c.Example != "" {
			fmt.Fprintf(w, "\nExamples:\n%s\n", c.Example)
		}
		for _, g := range groups {
			fmt.Fprintf(w, "\n%s:\n%s", g.title, g.flags.FlagUsagesWrapped(helpWidth))
		}
		return nil
	})
}

// choice is a flag that takes one of a few words.
type choice struct {
	words []string
	value *string
}

func (c choice) String() string {
	if c.value == nil {
		return ""
	}
	return *c.value
}

// Type is what the help shows for the value.
func (c choice) Type() string { return strings.Join(c.words, "|") }

// Set takes one of the words.
func (c choice) Set(s string) error {
	if !slices.Contains(c.words, s) {
		return fmt.Errorf("must be one of %s", strings.Join(c.words, ", "))
	}
	*c.value = s
	return nil
}

// addChoice declares such a flag; its first word is the default.
func addChoice(g flagGroup, value *string, name, usage string, words ...string) {
	*value = words[0]
	g.flags.Var(choice{words, value}, name, usage)
}

// completeChoices offers the words of every such flag.
func completeChoices(cmd *cobra.Command) {
	cmd.Flags().VisitAll(func(f *pflag.Flag) {
		if c, ok := f.Value.(choice); ok {
			complete(cmd, f.Name, c.words)
		}
	})
}

// complete offers fixed words for a flag. It cannot fail: the flag was just declared.
func complete(cmd *cobra.Command, flag string, words []string) {
	_ = cmd.RegisterFlagCompletionFunc(flag, cobra.FixedCompletions(words, cobra.ShellCompDirectiveNoFileComp))
}
