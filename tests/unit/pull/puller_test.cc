// The installed puller, as root starts it, against a web server of Python's on loopback.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>

#include "helper/stage/copy.h"
#include "keystore/base/text.h"
#include "keystore/crypto/digest.h"
#include "tests/unit/stage/staging.h"

namespace sifguard {
namespace {

/// Serves a directory. Python's own module alone; it answers HEAD and GET without an ETag.
class WebServer {
 public:
  explicit WebServer(const std::string& directory) {
    const std::string script =
        "import http.server,sys,os\n"
        "os.chdir(sys.argv[1])\n"
        "class H(http.server.SimpleHTTPRequestHandler):\n"
        "  def log_message(self,*a): pass\n"
        "  def end_headers(self):\n"
        "    if 'tagged' in self.path: self.send_header('ETag','\"one\"')\n"
        "    super().end_headers()\n"
        "  def asked(self):\n"
        "    if 'queried' not in self.path or self.path.endswith('?v=2&s=%2Fa'): return True\n"
        "    self.send_error(404)\n"
        "  def do_HEAD(self):\n"
        "    if not self.asked(): return\n"
        "    for no in ('403','405','501'):\n"
        "      if 'head'+no in self.path: self.send_error(int(no)); return\n"
        "    super().do_HEAD()\n"
        "  def do_GET(self):\n"
        "    if not self.asked(): return\n"
        "    for no in ('401','403'):\n"
        "      if 'get'+no in self.path: self.send_error(int(no)); return\n"
        "    if 'ranged' in self.path and self.headers.get('Range'):\n"
        "      if self.headers['Range']!='bytes=0-0': self.send_error(400); return\n"
        "      total='*' if 'unknown' in self.path else '200000'\n"
        "      self.send_response(206)\n"
        "      self.send_header('Content-Range','bytes 0-0/'+total)\n"
        "      self.send_header('Content-Length','1')\n"
        "      self.end_headers(); self.wfile.write(b'#'); return\n"
        "    super().do_GET()\n"
        "s=http.server.HTTPServer(('127.0.0.1',0),H)\n"
        "s.handle_error=lambda *a: None\n"
        "open('port','w').write(str(s.server_port)+'\\n')\n"
        "s.serve_forever()\n";
    pid_ = ::fork();
    if (pid_ == 0) {
      ::execlp("python3", "python3", "-c", script.c_str(), directory.c_str(), nullptr);
      ::_exit(127);
    }
    for (int i = 0; i < 200 && port_.empty(); ++i) {
      ::usleep(50000);
      if (!std::filesystem::exists(directory + "/port")) continue;
      port_ = test::read_file(directory + "/port");
      if (port_.ends_with('\n'))
        port_.pop_back();
      else
        port_.clear();
    }
  }
  ~WebServer() {
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  WebServer(const WebServer&) = delete;
  WebServer& operator=(const WebServer&) = delete;
  [[nodiscard]] std::string host() const { return "127.0.0.1:" + port_; }

 private:
  pid_t pid_ = -1;
  std::string port_;
};

class Puller : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    if (std::system("python3 -c 'import http.server'") != 0) GTEST_SKIP() << "SKIPPED: no python3";
    std::filesystem::copy_file(std::string(SIFGUARD_BIN) + "/sifguard-puller",
                               stage_ / "libexec/sifguard-puller");
    ::chmod((stage_ / "libexec/sifguard-puller").c_str(), 0711);
    directory_ = stage_.directory("www");
    test::write_file(directory_ + "/a.sif", test::sif_like(200000));
    test::write_file(directory_ + "/tagged.sif", test::sif_like(200000));
    test::write_file(directory_ + "/queried.sif", test::sif_like(200000));
    test::write_file(directory_ + "/empty.sif", "");
    server_.emplace(directory_);
    ASSERT_NE(server_->host(), "127.0.0.1:") << "the web server did not start";
  }
  [[nodiscard]] Result<OpenedImage> open(const std::string& image, bool plain = true) const {
    OpenOptions options;
    options.libexec_dir = stage_ / "libexec";
    options.owner = Identity{test::kUser, test::kGroup, {}};
    options.deadline_ms = monotonic_ms() + 20000;
    if (plain) options.plain_registries = {server_->host()};
    return open_image(image, "/", options);
  }
  [[nodiscard]] std::string uri(const std::string& name) const {
    return "https://" + server_->host() + "/" + name;
  }
  test::Stage stage_;
  std::string directory_;
  std::optional<WebServer> server_;
};

TEST_F(Puller, StreamsWhatTheServerHas) {
  auto image = open(uri("a.sif"));
  ASSERT_TRUE(image) << image.error().line();
  EXPECT_TRUE(image->remote());
  EXPECT_EQ(image->canonical_path(), uri("a.sif"));
  EXPECT_EQ(image->identity().size, 200000U);
  EXPECT_EQ(image->identity().filesystem_id, 0U) << "without an ETag nothing is remembered";
  const UniqueFd cache(::open(stage_.path().c_str(), O_RDONLY | O_DIRECTORY));
  const auto copy = copy_image(*image, cache.get(), {1U << 20U, 10000});
  ASSERT_TRUE(copy) << copy.error().line();
  EXPECT_EQ(to_hex(copy->digest), to_hex(*sha256(as_bytes(test::sif_like(200000)))));
}

TEST_F(Puller, AsksForTheQueryToo) {
  const auto image = open(uri("queried.sif?v=2&s=%2Fa"));
  ASSERT_TRUE(image) << image.error().line();
  EXPECT_EQ(image->canonical_path(), uri("queried.sif?v=2&s=%2Fa"));
  for (const char* other : {"queried.sif", "queried.sif?v=1&s=%2Fa", "queried.sif?"}) {
    EXPECT_FALSE(open(uri(other))) << other;
  }
}

TEST_F(Puller, AStrongValidatorMakesAnIdentity) {
  const auto first = open(uri("tagged.sif"));
  const auto second = open(uri("tagged.sif"));
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->identity().filesystem_id, 1U);
  EXPECT_EQ(first->identity().inode, second->identity().inode);
}

TEST_F(Puller, SaysWhatIsWrong) {
  const auto expect = [&](const std::string& image, Code code, const std::string& part) {
    const auto opened = open(image);
    ASSERT_FALSE(opened) << image;
    EXPECT_EQ(opened.error().code(), code) << opened.error().line();
    EXPECT_NE(opened.error().line().find(part), std::string::npos) << opened.error().line();
  };
  expect(uri("none.sif"), Code::no_input, "there is no http");
  expect(uri("empty.sif"), Code::no_input, "does not say how long");
  expect("docker://debian", Code::usage, "is no SIF");
  expect("oras://127.0.0.1:1/a", Code::temporary, "cannot fetch");
  expect("oras://" + server_->host() + "/a:b", Code::no_input, "there is no oras://");
}

TEST_F(Puller, AsksWithGetWhereHeadIsRefused) {
  // Servers that give a part, and such that know no ranges and would send it all.
  for (const char* name : {"head403.sif", "head405.sif", "head501-tagged.sif",
                           "head403-ranged-tagged.sif", "head405-ranged.sif"}) {
    test::write_file(directory_ + "/" + name, test::sif_like(200000));
    auto image = open(uri(name));
    ASSERT_TRUE(image) << name << ": " << image.error().line();
    EXPECT_EQ(image->identity().size, 200000U) << name;
    const bool tagged = std::string_view(name).find("tagged") != std::string_view::npos;
    EXPECT_EQ(image->identity().filesystem_id, tagged ? 1U : 0U) << name;
    const UniqueFd cache(::open(stage_.path().c_str(), O_RDONLY | O_DIRECTORY));
    const auto copy = copy_image(*image, cache.get(), {1U << 20U, 10000});
    ASSERT_TRUE(copy) << name << ": " << copy.error().line();
    EXPECT_EQ(to_hex(copy->digest), to_hex(*sha256(as_bytes(test::sif_like(200000)))));
  }
}

TEST_F(Puller, SaysWhatIsWrongWhereHeadIsRefused) {
  const auto expect = [&](const std::string& name, Code code, const std::string& part) {
    const auto opened = open(uri(name));
    ASSERT_FALSE(opened) << name;
    EXPECT_EQ(opened.error().code(), code) << opened.error().line();
    EXPECT_NE(opened.error().line().find(part), std::string::npos) << opened.error().line();
  };
  expect("head403-get403.sif", Code::no_input, "you may not read");
  expect("head405-get401.sif", Code::no_input, "you may not read");
  expect("head403-none.sif", Code::no_input, "there is no http");
  expect("head405-ranged-unknown.sif", Code::no_input, "does not say how long");
  test::write_file(directory_ + "/head405-empty.sif", "");
  expect("head405-empty.sif", Code::no_input, "does not say how long");
}

TEST_F(Puller, AsksAHostThatIsNotListedWithTlsOnly) {
  const auto opened = open(uri("a.sif"), false);
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), Code::temporary) << opened.error().line();
}

/// A repository as files: a manifest under a tag and under its own digest.
class PulledRepository : public Puller {
 protected:
  void SetUp() override {
    Puller::SetUp();
    if (IsSkipped()) return;
    std::filesystem::create_directories(directory_ + "/v2/site/x/manifests");
    std::filesystem::create_directories(directory_ + "/v2/site/x/tags");
    push("latest", manifest('a'));
    push("1", manifest('a'));
    push("again", manifest('a', "other"));  // another manifest of the same image
    push("2", manifest('b'));
    push("none", "{}");
    test::write_file(directory_ + "/v2/site/x/tags/list",
                     R"({"name": "site/x", "tags": ["1", "2", "again", "latest", "none"]})");
  }
  static std::string manifest(char digit, const std::string& note = "") {
    return R"({"note": ")" + note +
           R"(", "layers": [{"mediaType": "application/vnd.sylabs.sif.layer.v1.sif", )" +
           R"("size": 7, "digest": "sha256:)" + std::string(64, digit) + "\"}]}";
  }
  std::string push(const std::string& tag, const std::string& text) const {
    const std::string digest = "sha256:" + to_hex(*sha256(as_bytes(text)));
    for (const std::string& name : {tag, digest}) {
      test::write_file(directory_ + "/v2/site/x/manifests/" + name, text);
    }
    return digest;
  }
  [[nodiscard]] Result<OpenedImage> find(const std::string& reference) const {
    return open("oras://" + server_->host() + "/site/x" + reference);
  }
};

TEST_F(PulledRepository, TellsWhichReferencesMeanTheImage) {
  auto image = find("");
  ASSERT_TRUE(image) << image.error().line();
  EXPECT_EQ(image->name().text(), "oras://" + server_->host() + "/site/x:latest");
  EXPECT_EQ(image->named_digest(), push("latest", manifest('a')));
  const std::string again = push("again", manifest('a', "other"));
  for (const std::string& same : {std::string("1"), std::string("latest"), std::string("again"),
                                  image->named_digest(), again}) {
    EXPECT_EQ(image->is_same_as(same).value(), std::optional(true)) << same;
  }
  for (const std::string& other :
       {std::string("2"), std::string("none"), std::string("no-such-tag"), push("2", manifest('b')),
        "sha256:" + std::string(64, '0')}) {
    EXPECT_EQ(image->is_same_as(other).value(), std::optional(false)) << other;
  }
  EXPECT_EQ(image->tags().value().value(),
            (std::vector<std::string>{"1", "2", "again", "latest", "none"}));
}

TEST_F(PulledRepository, SaysWhatItCannotFindOut) {
  auto image = find(":2");
  ASSERT_TRUE(image) << image.error().line();
  std::filesystem::create_directories(directory_ + "/v2/site/x/manifests/get403");
  EXPECT_EQ(image->is_same_as("get403").value(), std::nullopt);
  for (const char* list :
       {"", "{}", R"({"tags": "1"})", R"({"tags": [1]})", R"({"tags": ["../1"]})",
        R"({"tags": ["a\nb"]})", R"({"tags": ["-a"]})"}) {
    test::write_file(directory_ + "/v2/site/x/tags/list", list);
    EXPECT_EQ(image->tags().value(), std::nullopt) << list;
  }
  std::filesystem::remove(directory_ + "/v2/site/x/tags/list");
  EXPECT_EQ(image->tags().value(), std::nullopt);
  server_.reset();
  EXPECT_EQ(image->is_same_as("1").value(), std::nullopt);
}

TEST_F(PulledRepository, ADigestIsThatOfTheManifest) {
  const std::string digest = push("1", manifest('a'));
  EXPECT_TRUE(find("@" + digest));
  EXPECT_TRUE(find(":2@" + digest)) << "the digest counts";
  test::write_file(directory_ + "/v2/site/x/manifests/" + digest, manifest('b'));
  const auto forged = find("@" + digest);
  ASSERT_FALSE(forged);
  EXPECT_NE(forged.error().line().find("another manifest"), std::string::npos);
}

TEST_F(Puller, AReadablePullerIsNotBelieved) {
  ::chmod((stage_ / "libexec/sifguard-puller").c_str(), 0755);
  const auto opened = open(uri("a.sif"));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code(), Code::config);
}

}  // namespace
}  // namespace sifguard
