// Plays requests by one of Mono's HTTP clients.
// mcs -r:System.Net.Http Client.cs, then mono Client.exe MODE URL USER PASSWORD plays one: the status goes to standard
// output; the exit code is 0 for a 2xx, 1 for any other answer, 2 where there was none. mono Client.exe MODE --plays FILE plays
// those of a file, in which each line is a JSON list of what stands behind MODE, and writes a line for each:
// `countersign-play NUMBER CODE STATUS`.

using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Http;
using System.Text.RegularExpressions;

public class Client
{
    const int Patience = 10000;
    static readonly Regex Word = new Regex("\"((?:[^\"\\\\]|\\\\.)*)\"");

    static int Request(string url, ICredentials given, bool unasked)
    {
        var request = (HttpWebRequest)WebRequest.Create(url);
        request.Credentials = given;
        request.PreAuthenticate = unasked;
        request.Proxy = null;
        request.Timeout = request.ReadWriteTimeout = Patience;
        HttpWebResponse answer;
        try
        {
            answer = (HttpWebResponse)request.GetResponse();
        }
        catch (WebException error) when (error.Response != null)
        {
            answer = (HttpWebResponse)error.Response;
        }
        using (answer)
        {
            answer.GetResponseStream().CopyTo(Stream.Null);
            return (int)answer.StatusCode;
        }
    }

    static int Asked(string url, ICredentials given)
    {
        var handler = new HttpClientHandler { Credentials = given, UseProxy = false };
        using (var client = new HttpClient(handler) { Timeout = TimeSpan.FromMilliseconds(Patience) })
        using (var answer = client.GetAsync(url).Result)
        {
            return (int)answer.StatusCode;
        }
    }

    static CredentialCache Cache(string url, string scheme, NetworkCredential given)
    {
        var cache = new CredentialCache();
        cache.Add(new Uri(url), scheme, given);
        return cache;
    }

    // The exit code, and the status or what went wrong.
    static KeyValuePair<int, string> Play(string mode, IList<string> words)
    {
        try
        {
            string url = words[0];
            var given = new NetworkCredential(words[1], words[2]);
            int status;
            switch (mode)
            {
                case "mono-networkcredential": status = Request(url, given, false); break;
                case "mono-preauth": status = Request(url, given, true); break;
                case "mono-cache-basic": status = Request(url, Cache(url, "Basic", given), false); break;
                case "mono-cache-digest": status = Request(url, Cache(url, "Digest", given), false); break;
                case "mono-httpclient": status = Asked(url, given); break;
                default: throw new ArgumentException("there is no mode " + mode);
            }
            return new KeyValuePair<int, string>(status >= 200 && status < 300 ? 0 : 1, status.ToString());
        }
        catch (Exception error)
        {
            return new KeyValuePair<int, string>(2, Regex.Replace(error.GetBaseException().Message, "\\s+", " "));
        }
    }

    public static int Main(string[] arguments)
    {
        var mode = arguments[0];
        if (arguments[1] == "--plays")
        {
            var number = 0;
            foreach (var line in File.ReadAllLines(arguments[2]))
            {
                var words = new List<string>();
                foreach (Match word in Word.Matches(line))
                {
                    words.Add(word.Groups[1].Value);
                }
                var came = Play(mode, words);
                Console.WriteLine("countersign-play {0} {1} {2}", number++, came.Key, came.Value);
            }
            return 0;
        }
        var one = Play(mode, new List<string>(arguments).GetRange(1, arguments.Length - 1));
        (one.Key == 2 ? Console.Error : Console.Out).WriteLine(one.Value);
        return one.Key;
    }
}
