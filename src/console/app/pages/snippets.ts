// How to point each SDK at this server. Node's and Python's accept another base URL; the others need a custom HTTP
// client that redirects requests for the original host.

export interface Snippet {
  id: string;
  title: string;
  /** What to install, or undefined. */
  install?: string;
  code: string;
}

const ORIGINAL = 'https://supersim.twilio.com';

/** @param server base URL, without a trailing slash */
export function snippets(server: string, accountSid: string): Snippet[] {
  return [
    {
      id: 'curl',
      title: 'curl',
      code: `export ACCOUNT_SID=${accountSid}
export AUTH_TOKEN=…

# order
curl -u $ACCOUNT_SID:$AUTH_TOKEN ${server}/v1/ESimProfiles \\
  -d GenerateMatchingId=true

# list
curl -u $ACCOUNT_SID:$AUTH_TOKEN ${server}/v1/ESimProfiles

# watch
curl -u $ACCOUNT_SID:$AUTH_TOKEN -N ${server}/v1/Events`,
    },
    {
      id: 'node',
      title: 'Node',
      install: 'npm install twilio',
      code: `import { env } from 'node:process';
import twilio from 'twilio';

const client = twilio(
  '${accountSid}',
  env.AUTH_TOKEN,
);
client.supersim.baseUrl = '${server}';

const profile = await client.supersim.v1.esimProfiles.create({
  generateMatchingId: true,
});
console.log(profile.sid, profile.status);`,
    },
    {
      id: 'python',
      title: 'Python',
      install: 'pip install twilio',
      code: `import os
from twilio.rest import Client

token = os.environ['AUTH_TOKEN']
client = Client('${accountSid}', token)
client.supersim.base_url = '${server}'

profiles = client.supersim.v1.esim_profiles
profile = profiles.create(generate_matching_id=True)
print(profile.sid, profile.status)`,
    },
    {
      id: 'go',
      title: 'Go',
      install: 'go get github.com/twilio/twilio-go',
      code: `type simwright struct{ server *url.URL }

func (s simwright) RoundTrip(request *http.Request) (*http.Response, error) {
	here := request.Clone(request.Context())
	here.URL.Scheme, here.URL.Host, here.Host = s.server.Scheme, s.server.Host, s.server.Host
	return http.DefaultTransport.RoundTrip(here)
}

server, _ := url.Parse("${server}")
rest := twilio.NewRestClientWithParams(twilio.ClientParams{Client: &client.Client{
	Credentials: client.NewCredentials("${accountSid}", os.Getenv("AUTH_TOKEN")),
	HTTPClient:  &http.Client{Transport: simwright{server}},
}})

order := &supersim.CreateEsimProfileParams{}
order.SetGenerateMatchingId(true)
profile, err := rest.SupersimV1.CreateEsimProfile(order)`,
    },
    {
      id: 'java',
      title: 'Java',
      install: 'com.twilio.sdk:twilio',
      code: `class Simwright extends NetworkHttpClient {
    @Override
    public Response makeRequest(Request asked) {
        var url = asked.getUrl().replace("${ORIGINAL}", "${server}");
        var sent = new Request(asked.getMethod(), url);
        sent.setAuth(asked.getUsername(), asked.getPassword());
        asked.getQueryParams().forEach((name, all) -> all.forEach(one -> sent.addQueryParam(name, one)));
        asked.getPostParams().forEach((name, all) -> all.forEach(one -> sent.addPostParam(name, one)));
        return super.makeRequest(sent);
    }
}

var client = new TwilioRestClient.Builder("${accountSid}", System.getenv("AUTH_TOKEN"))
    .httpClient(new Simwright())
    .build();

var profile = EsimProfile.creator().setGenerateMatchingId(true).create(client);
System.out.println(profile.getSid() + " " + profile.getStatus());`,
    },
    {
      id: 'csharp',
      title: 'C#',
      install: 'dotnet add package Twilio',
      code: `class Simwright() : DelegatingHandler(new HttpClientHandler())
{
    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellation)
    {
        request.RequestUri = new Uri(new Uri("${server}"), request.RequestUri!.PathAndQuery);
        return base.SendAsync(request, cancellation);
    }
}

var http = new SystemNetHttpClient(new System.Net.Http.HttpClient(new Simwright()));
var token = Environment.GetEnvironmentVariable("AUTH_TOKEN");
TwilioClient.SetRestClient(new TwilioRestClient("${accountSid}", token, httpClient: http));

var profile = EsimProfileResource.Create(generateMatchingId: true);
Console.WriteLine($"{profile.Sid} {profile.Status}");`,
    },
    {
      id: 'php',
      title: 'PHP',
      install: 'composer require twilio/sdk',
      code: `class Simwright extends Twilio\\Http\\CurlClient
{
    public function options(string $method, string $url, ...$rest): array
    {
        $here = str_replace('${ORIGINAL}', '${server}', $url);
        return parent::options($method, $here, ...$rest);
    }
}

$client = new Twilio\\Rest\\Client(
    '${accountSid}', getenv('AUTH_TOKEN'), null, null, new Simwright());

$profile = $client->supersim->v1->esimProfiles->create(['generateMatchingId' => true]);
echo $profile->sid, ' ', $profile->status;`,
    },
    {
      id: 'ruby',
      title: 'Ruby',
      install: 'gem install twilio-ruby',
      code: `require 'twilio-ruby'

class Simwright < Twilio::HTTP::Client
  def request(host, port, method, url, *rest)
    super(host, port, method, url.sub('${ORIGINAL}', '${server}'), *rest)
  end
end

client = Twilio::REST::Client.new(
  '${accountSid}', ENV['AUTH_TOKEN'], nil, nil, Simwright.new)

profile = client.supersim.v1.esim_profiles.create(generate_matching_id: true)
puts profile.sid, profile.status`,
    },
  ];
}
