// Receives callbacks and believes only those that are signed. Start: AUTH_TOKEN=… go run receiver.go
package main

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"fmt"
	"log"
	"net"
	"net/http"
	"net/url"
	"os"
	"sort"
	"sync"
)

const limit = 64 * 1024

var (
	authToken = os.Getenv("AUTH_TOKEN")
	base      = os.Getenv("PUBLIC_URL")
	// Callbacks that were worked on. Yours belong into your database, with the work itself.
	seen sync.Map
)

// HMAC-SHA1 over the URL as it was called and the form's names and values, in the order of the names.
func isGenuine(called string, form url.Values, signature string) bool {
	names := make([]string, 0, len(form))
	for name := range form {
		names = append(names, name)
	}
	sort.Strings(names)
	mac := hmac.New(sha1.New, []byte(authToken))
	mac.Write([]byte(called))
	for _, name := range names {
		mac.Write([]byte(name + form.Get(name)))
	}
	given, err := base64.StdEncoding.DecodeString(signature)
	return err == nil && hmac.Equal(given, mac.Sum(nil))
}

func receive(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, limit)
	if err := r.ParseForm(); err != nil {
		http.Error(w, "expected a form", http.StatusBadRequest)
		return
	}
	// By GET the parameters are in the URL, and nothing follows it in what is signed.
	if !isGenuine(base+r.RequestURI, r.PostForm, r.Header.Get("X-Twilio-Signature")) {
		fmt.Println("refused: the signature is wrong")
		http.Error(w, "wrong signature", http.StatusForbidden)
		return
	}

	parameters := r.PostForm
	if r.Method == http.MethodGet {
		parameters = r.URL.Query()
	}
	if _, done := seen.LoadOrStore(r.Header.Get("I-Twilio-Idempotency-Token"), true); !done {
		fmt.Println(parameters.Get("Status"), parameters.Get("ESimProfileSid"))
	}
	w.WriteHeader(http.StatusNoContent)
}

func main() {
	if authToken == "" {
		log.Fatal("Set AUTH_TOKEN to the auth token of the account")
	}
	port := os.Getenv("PORT")
	if port == "" {
		port = "8080"
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+port)
	if err != nil {
		log.Fatal(err)
	}
	if base == "" {
		base = "http://" + listener.Addr().String()
	}
	fmt.Printf("listening; as CallbackUrl give %s/status\n", base)
	log.Fatal(http.Serve(listener, http.HandlerFunc(receive)))
}
