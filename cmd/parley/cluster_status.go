package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"parley/eventloop/cluster"
)

type clusterStatusCmd struct {
	JSON bool `name:"json" help:"Print one object of JSON." env:"-"`
}

// errNoNode is the end of parley cluster status where no node lives that it could show.
var errNoNode = errors.New("no node of the cluster answers: nobody is served")

// Run shows the cluster.
func (c *clusterStatusCmd) Run(p *process, of *clusterCmd) error {
	return of.with(func(ctx context.Context, o *cluster.Operator) error {
		s, err := o.Status(ctx)
		if err != nil {
			return err
		}
		show := showCluster
		if c.JSON {
			show = func(w io.Writer, s cluster.Status) error { return json.NewEncoder(w).Encode(s) }
		}
		if err := show(p.stdout, s); err != nil {
			return err
		}
		if len(s.Nodes) == 0 {
			return errNoNode
		}
		return nil
	})
}

// showCluster prints a cluster for people.
func showCluster(w io.Writer, s cluster.Status) error {
	if s.Log == nil {
		fmt.Fprintf(w, "The log of the cluster %s has no leader now, and stands still.\n", s.Cluster)
	} else {
		showLog(w, s.Cluster, s.Log)
	}
	for _, what := range s.Strange {
		fmt.Fprintf(w, "Somebody has answered who is no node, and is not shown: %s.\n", what)
	}
	if len(s.Nodes) == 0 {
		return nil
	}
	fmt.Fprintln(w)
	table := newTable(w)
	fmt.Fprintln(table, "NODE\tNUMBER\tEPOCH\tSTATE\tSESSIONS\tPOSITION\tBEHIND\tNATS\tKINDS\tVERSION")
	for _, n := range s.Nodes {
		rest := "-\t-\t-\t-"
		if n.Answers() {
			rest = fmt.Sprintf("%d\t%d\t%d\t%s", n.Sessions, n.Position, n.Behind, roundTrip(n.RTT))
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", n.Node, orNone(uint64(n.Number)), orNone(n.Epoch), n.State, rest, orNone(uint64(n.Kinds)), word(n.Version))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, n := range s.Nodes {
		if n.Failing != "" {
			fmt.Fprintf(w, "%s: %s.\n", n.Node, n.Failing)
		}
		if n.Another {
			fmt.Fprintf(w, "%s: more than one process has that name: end all but one, or give them others with --node.\n", n.Node)
		}
	}
	return nil
}

func showLog(w io.Writer, name string, l *cluster.LogStatus) {
	at := "is at one server of NATS"
	if l.Leader != "" {
		at = "is led by " + l.Leader
		if len(l.Copies) == 0 {
			at += ", without a copy"
		}
	}
	if len(l.Copies) > 0 {
		copies := make([]string, 0, len(l.Copies))
		for _, c := range l.Copies {
			copies = append(copies, c.String())
		}
		at += "; copies: " + strings.Join(copies, ", ")
	}
	fmt.Fprintf(w, "The log of the cluster %s, %s, %s.\n", name, l.Stream, at)
	fmt.Fprintf(w, "It has the messages %d to %d, in %d bytes.\n", l.First, l.Last, l.Bytes)
	if len(l.Skipped) > 0 {
		fmt.Fprintf(w, "Skipped are the messages %s.\n", strings.Trim(fmt.Sprint(l.Skipped), "[]"))
	}
}

// orNone is a number that is not there when it is 0.
func orNone(n uint64) string {
	if n == 0 {
		return "-"
	}
	return strconv.FormatUint(n, 10)
}

// word is a text as one word of a table.
func word(text string) string {
	if text == "" {
		return "-"
	}
	return strings.ReplaceAll(text, " ", "_")
}

func roundTrip(d time.Duration) string {
	if d == 0 {
		return "silent"
	}
	return d.Round(10 * time.Microsecond).String()
}
