//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"

	"parley/eventloop"
	"parley/eventloop/cluster/natstest"
)

// The servers of NATS in the examples do what a cluster needs of them, and find each other.
func TestNATSFiles(t *testing.T) {
	t.Setenv("NATS_NAME", "nats1")
	for _, file := range []string{"cluster/nats.conf", "systemd/nats-server.conf"} {
		o, err := server.ProcessConfigFile(file)
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		if !o.SyncAlways || o.MaxPayload != 1<<20 || !o.JetStream || o.StoreDir == "" || o.ServerName != "nats1" || o.Cluster.Name == "" || len(o.Routes) != 3 || o.Cluster.Port != 6222 || o.Port != 4222 {
			t.Errorf("%s: %+v", file, o)
		}
	}
}

// serveExample runs parley serve with the arguments of an example, but at an address of this
// machine's choice, in a folder of its own, and with a server of NATS that there is.
func serveExample(t *testing.T, nats natstest.Servers, args []string) {
	t.Helper()
	if args[0] != "serve" {
		t.Fatalf("it runs %q", args)
	}
	flags := []string{"--cluster-replicas", "1", "--flood", "off"}
	for i := 1; i < len(args); i++ {
		switch args[i] {
		case "--listen":
			i++
			continue
		case "--cluster":
			if urls := strings.Split(args[i+1], ","); len(urls) != 3 {
				t.Errorf("the servers of NATS are %q", urls)
			}
			args[i+1] = strings.Join(nats.URLs(), ",")
		}
		flags = append(flags, args[i])
	}
	f := &fleet{t: t, nats: nats, nodes: []serving{serveIn(t, t.TempDir(), flags, "127.0.0.1:0")}}
	_ = f.come(0, "anna").Close()
	f.end(0, syscall.SIGTERM)
}

// The nodes of the compose file start with what it gives them.
func TestComposeFile(t *testing.T) {
	text, err := os.ReadFile("cluster/compose.yaml")
	if err != nil {
		t.Fatal(err)
	}
	nats := natstest.Start(t, 1)
	nodes := regexp.MustCompile(`(?m)^    command: (\["serve".*\])$`).FindAllSubmatch(text, -1)
	if len(nodes) != 3 {
		t.Fatalf("there are %d nodes", len(nodes))
	}
	for i, found := range nodes {
		var args []string
		if err := json.Unmarshal(found[1], &args); err != nil {
			t.Fatalf("%s: %v", found[1], err)
		}
		if !slices.Contains(args, fmt.Sprint("node", i+1)) {
			t.Errorf("node %d is called otherwise: %q", i+1, args)
		}
		if i == 0 { // the others differ in the name only
			serveExample(t, nats, args)
		}
	}
	for _, name := range []string{"nats1", "nats2", "nats3", "node1", "node2", "node3"} {
		if n := strings.Count(string(text), "\n  "+name+":"); n != 2 { // a service and its volume
			t.Errorf("%s is there %d times", name, n)
		}
	}
	stopTimes(t, text)
	if n := strings.Count(string(text), "build:"); n != 1 { // at the same time they fail: "already exists"
		t.Errorf("the image is built %d times", n)
	}
	if n := strings.Count(string(text), "/nats.conf:ro,z\""); n != 3 { // with Z it is the last one's alone under SELinux
		t.Errorf("the config file of NATS is shared by %d servers", n)
	}
	if version := regexp.MustCompile(`image: docker.io/library/nats:(\S+)`).FindSubmatch(text); version == nil || string(version[1]) != server.VERSION {
		t.Errorf("nats-server is %q, and what is tested is %s", version, server.VERSION)
	}
}

// stopTimes looks whether servers have the time to end before they are killed.
func stopTimes(t *testing.T, compose []byte) {
	t.Helper()
	t.Setenv("NATS_NAME", "nats1")
	o, err := server.ProcessConfigFile("cluster/nats.conf")
	if err != nil {
		t.Fatal(err)
	}
	found := regexp.MustCompile(`(?m)^  stop_grace_period: (\S+)`).FindAllSubmatch(compose, -1)
	if len(found) != 2 {
		t.Fatalf("there are %d times for ending", len(found))
	}
	const nodes, handOver, closed = 3, time.Second, time.Second // of NATS: for all leaders, and for each connection
	for i, need := range []time.Duration{handOver + o.LameDuckGracePeriod + nodes*closed, 10*time.Second + eventloop.DefaultSettleTimeout + closingTime} {
		if has, err := time.ParseDuration(string(found[i][1])); err != nil || has < need {
			t.Errorf("%s: it may take %s, and needs %s: %v", found[i][0], has, need, err)
		}
	}
	if o.LameDuckGracePeriod == 0 || handOver+o.LameDuckGracePeriod+nodes*closed >= 10*time.Second { // some that start containers give each 10 s
		t.Errorf("a server of NATS waits %s before it ends", o.LameDuckGracePeriod)
	}
}

// The script for trying starts servers with flags that there are, of the version that is tested.
func TestTryScript(t *testing.T) {
	text, err := os.ReadFile("cluster/try")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "\nversion=v"+server.VERSION+" ") {
		t.Errorf("it does not run nats-server %s", server.VERSION)
	}
	help, err := parley(t, "serve", "--help").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	start := regexp.MustCompile(`(?s)/bin/parley" serve (.*?)>`).FindSubmatch(text)
	if start == nil {
		t.Fatal("it does not run parley serve")
	}
	flags := regexp.MustCompile(`--[a-z-]+`).FindAllString(string(start[1]), -1)
	if len(flags) < 5 {
		t.Errorf("its flags are %q", flags)
	}
	for _, flag := range flags {
		if !regexp.MustCompile(flag + `[ =,\n]`).Match(help) {
			t.Errorf("there is no flag %s", flag)
		}
	}
	if out, err := exec.Command("bash", "-n", "cluster/try").CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, out)
	}
}

// What makes the server of the unit file a node is settings that there are, and systemd takes
// the unit of a server of NATS.
func TestClusterUnitFiles(t *testing.T) {
	text, err := os.ReadFile("systemd/parley.service.d/cluster.conf")
	if err != nil {
		t.Fatal(err)
	}
	help, err := parley(t, "serve", "--help").CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	variables := regexp.MustCompile(`(?m)^#?Environment=(PARLEY_\w+)=(.*)$`).FindAllSubmatch(text, -1)
	if len(variables) != 3 {
		t.Errorf("it sets %q", variables)
	}
	for _, v := range variables {
		if !strings.Contains(string(help), "$"+string(v[1])) {
			t.Errorf("there is no setting %s", v[1])
		}
	}
	o, err := server.ProcessConfigFile("systemd/nats-server.conf")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(variables[0][2]), fmt.Sprintf("nats://%s:%s@%s:%d,", o.Username, o.Password, o.Host, o.Port)) {
		t.Errorf("the node reaches NATS as %s, and that is otherwise", variables[0][2])
	}
	unit, err := os.ReadFile("systemd/nats-server.service")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(unit), "--config /etc/nats-server.conf") || !strings.Contains(o.StoreDir, "/var/lib/nats") || !strings.Contains(string(unit), "StateDirectory=nats") {
		t.Error("the unit and the config file do not fit together")
	}
	verify, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not here")
	}
	file := filepath.Join(t.TempDir(), "nats-server.service")
	if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(unit), "/usr/local/bin/nats-server", "/bin/sh")), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command(verify, "verify", file).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd-analyze verify: %v: %s", err, out)
	}
}
