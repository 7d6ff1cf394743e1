// sifguard-helper as the plugin starts it: in a task's mount namespace, with a request on
// descriptor 3. All that it touches lies in mounts of the test's own. Needs root and gpg.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <functional>
#include <nlohmann/json.hpp>
#include <optional>

#include "helper/launch/plan.h"
#include "helper/release/crypto_message.h"
#include "helper/request/answer.h"
#include "keystore/base/child.h"
#include "keystore/store/revoked_digests.h"
#include "sifguard/paths.h"
#include "tests/unit/pipeline/pipeline_stage.h"
#include "tests/unit/request/sample.h"

namespace sifguard {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;
using test::signers;

struct Launched {
  int exit_status = -1;  ///< of the answer
  std::string message;
  std::vector<Json> audit;
  std::string plan, key, image;  ///< what the task would see; empty when there is nothing
  [[nodiscard]] std::string events() const {
    std::string text;
    for (const Json& line : audit) text += line.value("event", "?") + " ";
    return text;
  }
};

/// Every mount the test needs, in the namespace it has been put into.
bool prepare_namespace(const std::string& programs) {
  const auto memory = [](const char* where) {
    return ::mount("test", where, "tmpfs", 0, "mode=0755") == 0;
  };
  if (::unshare(CLONE_NEWNS) != 0 || ::mount("", "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0 ||
      !memory("/run") || !memory("/usr/local") || !memory("/var/log")) {
    return false;
  }
  fs::create_directories(SIFGUARD_LIBEXEC_DIR);
  for (fs::path path = SIFGUARD_LIBEXEC_DIR; path != "/usr/local"; path = path.parent_path()) {
    ::chmod(path.c_str(), 0755);
  }
  return ::mount(programs.c_str(), SIFGUARD_LIBEXEC_DIR, nullptr, MS_BIND, nullptr) == 0;
}

class HelperAsRoot : public testing::Test {
 protected:
  void SetUp() override {
    REQUIRE_ROOT();
    if (std::string(SIFGUARD_LIBEXEC_DIR).rfind("/usr/local/", 0) != 0) {
      GTEST_SKIP() << "SKIPPED: built for another place than /usr/local";
    }
    ::chmod(directory_.path().c_str(), 0755);
    test::install_programs(directory_ / "libexec");
    fs::create_directory(directory_ / "cache");
    ::chmod((directory_ / "cache").c_str(), 0700);
    ASSERT_TRUE(Keystore::init(directory_ / "keystore", Trust{0}));
    auto keystore = Keystore::open(directory_ / "keystore", Trust{0});
    ASSERT_TRUE(keystore);
    keystore_.emplace(*std::move(keystore));
    test::add_signer(*keystore_, signers().alice);
    write_config("");
    bind("");
    place(test::image_signed_by(signers().alice));
  }
  void write_config(const std::string& more) const {
    const std::string path = directory_ / "sifguard.yaml";
    test::write_file(path, "version: 1\nkeystore: " + (directory_ / "keystore") +
                               "\ncache: " + (directory_ / "cache") +
                               "\naudit_file: " + (directory_ / "audit.jsonl") +
                               "\nruntime: /bin/true\nverifier_user: daemon\n" + more);
    ::chmod(path.c_str(), 0644);
  }
  void bind(const std::string& more) {
    ASSERT_TRUE(keystore_->replace_images_text(
        "version: 1\ndefault: reject\nimages:\n  - name: test\n    match: [\"" + path_ +
        "\"]\n    signing_key: {fingerprint: " + signers().alice +
        "}\n    allow: {users: [nobody]}\n" + more));
  }
  void place(const std::string& image) const {
    test::write_file(path_, image);
    ::chmod(path_.c_str(), 0644);
  }
  /// Names a key for the binding and gives it a rule; the image is encrypted to it.
  void encrypt() {
    const auto key = RsaPrivateKey::generate(2048);
    ASSERT_TRUE(key);
    const auto added = keystore_->add_key({"test-key", &*key, nullptr, nullptr});
    ASSERT_TRUE(added) << added.error().line();
    ASSERT_TRUE(
        keystore_->set_key_rule(added->record.id, {{signers().alice}, {"nobody"}, {}, false}));
    bind("    encryption: {key: test-key}\n");
    place_encrypted(*key);
  }
  void place_encrypted(const RsaPrivateKey& key) const {
    const auto volume_key = SecretBytes::copy_of(as_bytes(kVolumeKey));
    const auto message = wrap_volume_key(*volume_key, *key.public_key(), 400);
    ASSERT_TRUE(message);
    test::ObjectSpec object = test::message_of(1);
    object.data = *message;
    test::SifBuilder builder;
    builder.add(test::partition_of(6, 2, test::squashfs())).add(object);
    place(test::signed_image(builder, signers().gpg, signers().alice));
  }

  [[nodiscard]] std::string request(std::uint32_t uid = test::kUser) const {
    RequestWriter writer(test::big_buffer());
    writer.number(wire::kTagUid, uid);
    writer.number(wire::kTagGid, test::kGroup);
    writer.numbers(wire::kTagGroups, {});
    for (const auto tag : {wire::kTagJob, wire::kTagStep, wire::kTagNodeId}) {
      writer.number(tag, 5);
    }
    writer.text(wire::kTagCwd, "/");
    writer.text(wire::kTagNode, "node1");
    writer.text(wire::kTagImage, image_name_);
    for (const std::string& one : binds_) writer.text(wire::kTagBind, one);
    return test::finished(writer);
  }

  /// What the plugin does, in a child: it becomes the task, and the helper is its child.
  Launched launch(const std::string& message, bool own_namespace = true) const {
    int results[2];
    if (::pipe2(results, O_CLOEXEC) != 0) return {};
    const pid_t task = ::fork();
    if (task == 0) {
      Json result;
      if (own_namespace && !prepare_namespace(directory_ / "libexec")) ::_exit(3);
      int ends[2];
      if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) ::_exit(4);
      ChildSpec spec;
      spec.program = std::string(SIFGUARD_BIN) + "/sifguard-helper";
      spec.argv = {"sifguard-helper", "task", "--config", directory_ / "sifguard.yaml"};
      spec.fds = {{ends[1], 3}};
      auto helper = start_child(spec);
      ::close(ends[1]);
      if (!helper || !write_all(ends[0], message, "request")) ::_exit(5);
      ::shutdown(ends[0], SHUT_WR);
      const auto said = read_until(ends[0], 65536, monotonic_ms() + 60000, "helper");
      const std::string all = said.value_or("");  // the answer is the last of the messages
      const auto last = all.size() < sizeof(wire::Answer) ? 0 : all.size() - sizeof(wire::Answer);
      const auto answer = decode_answer(all.substr(last));
      const auto status = helper->wait(monotonic_ms() + 10000);
      result["exit"] = answer ? answer->exit_status : -2;
      result["message"] = answer ? std::string(static_cast<const char*>(answer->message)) : "";
      if (own_namespace && status) {
        result["plan"] = test::read_file(kPlanPath);
        result["key"] = test::read_file(kPemPath);
        const std::string image = std::string(kJobDirectory) + "/image/image.sif";
        if (fs::exists(image)) fs::copy_file(image, directory_ / "seen");
      }
      const std::string text = result.dump();
      if (!write_all(results[1], text, "result")) ::_exit(6);
      ::_exit(0);
    }
    ::close(results[1]);
    const auto text = read_to_end(results[0], 1U << 20U, "task");
    ::close(results[0]);
    int status = 0;
    ::waitpid(task, &status, 0);
    EXPECT_EQ(status, 0);
    const Json result = Json::parse(text ? *text : "", nullptr, false);
    if (!result.is_object()) return {};
    Launched launched{
        result.value("exit", -1), result.value("message", ""),         {}, result.value("plan", ""),
        result.value("key", ""),  test::read_file(directory_ / "seen")};
    std::error_code ignored;
    fs::remove(directory_ / "seen", ignored);
    std::ifstream log(directory_ / "audit.jsonl");
    for (std::string line; std::getline(log, line);) launched.audit.push_back(Json::parse(line));
    fs::remove(directory_ / "audit.jsonl", ignored);
    return launched;
  }

  void expect_refused(const Launched& launched, Code code, const std::string& part,
                      const std::string& events) const {
    EXPECT_EQ(launched.exit_status, static_cast<int>(code)) << launched.message;
    EXPECT_NE(launched.message.find(part), std::string::npos) << launched.message;
    EXPECT_EQ(launched.events(), events);
    EXPECT_EQ(launched.plan, "");
    EXPECT_EQ(launched.key, "");
    EXPECT_EQ(launched.image, "");
    if (!launched.audit.empty()) {
      EXPECT_EQ(launched.audit.back().value("code", ""), code_name(code));
      EXPECT_EQ(launched.audit.back().value("decision", ""), "refuse");
    }
  }

  static constexpr std::string_view kVolumeKey = "0123456789abcdef0123456789abcdef";
  test::TempDir directory_;
  const std::string path_ = directory_ / "image.sif";
  std::string image_name_ = path_;
  std::vector<std::string> binds_;
  std::optional<Keystore> keystore_;
};

TEST_F(HelperAsRoot, AGoodImageIsMountedAndRecorded) {
  const Launched launched = launch(request());
  EXPECT_EQ(launched.exit_status, 0) << launched.message;
  EXPECT_EQ(launched.events(), "intent started ");
  EXPECT_EQ(launched.image, test::read_file(path_));
  EXPECT_EQ(launched.key, "");
  EXPECT_TRUE(parse_plan(launched.plan));
  ASSERT_EQ(launched.audit.size(), 2U);
  EXPECT_EQ(launched.audit[0].value("user", ""), "nobody");
  EXPECT_GT(launched.audit[0].value("duration_ms", 0), 0);
  EXPECT_EQ(launched.audit[0]["signers"][0], signers().alice);
}

TEST_F(HelperAsRoot, AnEncryptedImageComesWithAKeyThatOpensItAndIsNotTheLongTermOne) {
  encrypt();
  for (const char* how : {"fresh", "cached"}) {
    const Launched launched = launch(request());
    ASSERT_EQ(launched.exit_status, 0) << how << ": " << launched.message;
    EXPECT_EQ(launched.events(), "intent started ") << how;
    EXPECT_EQ(launched.image.size(), test::read_file(path_).size());
    EXPECT_NE(launched.image, test::read_file(path_));  // rekeyed
    const auto pem = SecretBytes::copy_of(as_bytes(launched.key));
    const auto key = RsaPrivateKey::from_pem(*pem, nullptr);
    ASSERT_TRUE(key) << how;
    const auto long_term = keystore_->find_key("test-key");
    EXPECT_NE(*key->public_key()->id(), long_term->id);
    const std::size_t begin = launched.image.find("-----BEGIN MESSAGE");
    ASSERT_NE(begin, std::string::npos);
    const auto cipher = parse_crypto_message(launched.image.substr(begin, 400));
    ASSERT_TRUE(cipher) << how;
    const auto volume_key = unwrap_volume_key(*cipher, *key);
    ASSERT_TRUE(volume_key) << how;
    EXPECT_EQ(as_text(volume_key->bytes()), kVolumeKey);
  }
}

TEST_F(HelperAsRoot, AKeyWhoseRuleLeavesTheUserOutIsNotReleased) {
  encrypt();
  const auto key = keystore_->find_key("test-key");
  ASSERT_TRUE(keystore_->set_key_rule(key->id, {{signers().alice}, {"root"}, {}, false}));
  expect_refused(launch(request()), Code::denied, "rule does not allow user nobody", "refused ");
  ASSERT_TRUE(keystore_->set_key_rule(key->id, {{signers().bob}, {"nobody"}, {}, false}));
  expect_refused(launch(request()), Code::denied, "signers", "refused ");
}

TEST_F(HelperAsRoot, AKeyThatReplacesAnotherServesItsBindings) {
  encrypt();
  const std::string old = keystore_->find_key("test-key")->id;
  const auto next = RsaPrivateKey::generate(2048).value();
  const auto added = keystore_->add_key({"next", &next, nullptr, nullptr, old});
  ASSERT_TRUE(added) << added.error().line();
  EXPECT_EQ(launch(request()).exit_status, 0);
  place_encrypted(next);
  Launched launched = launch(request());
  EXPECT_EQ(launched.exit_status, 0) << launched.message;
  EXPECT_EQ(launched.events(), "intent intent started ");
  EXPECT_EQ(launched.audit.back().value("key_id", ""), added->record.id);
  // From the cache, and with the old key revoked, the new one alone is touched.
  ASSERT_TRUE(keystore_->step_key(old, KeyStep::revoke, "superseded"));
  launched = launch(request());
  EXPECT_EQ(launched.exit_status, 0) << launched.message;
  EXPECT_EQ(launched.events(), "intent started ");
}

TEST_F(HelperAsRoot, ARevokedDigestOrSignerIsRefusedFromTheCacheToo) {
  const Launched good = launch(request());
  ASSERT_EQ(good.exit_status, 0) << good.message;
  const std::string digest = good.audit.back().value("digest", "");
  ASSERT_TRUE(revoke_digest(*keystore_, {digest, 0, "CVE-1"}));
  expect_refused(launch(request()), Code::denied, "CVE-1", "refused ");
  ASSERT_TRUE(restore_digest(*keystore_, digest));
  ASSERT_EQ(launch(request()).exit_status, 0);
  ASSERT_TRUE(
      keystore_->set_signer_state(signers().alice, SignerState::revoked, 1, "keyCompromise"));
  expect_refused(launch(request()), Code::refused, "revoked", "refused ");
}

TEST_F(HelperAsRoot, AnImageEncryptedToAnotherKeyIsRefusedAfterTheIntent) {
  encrypt();
  const std::string image = test::read_file(path_);
  const auto other = RsaPrivateKey::generate(2048);
  const auto added = keystore_->add_key({"other-key", &*other, nullptr, nullptr});
  ASSERT_TRUE(added);
  ASSERT_TRUE(
      keystore_->set_key_rule(added->record.id, {{signers().alice}, {"nobody"}, {}, false}));
  bind("    encryption: {key: other-key}\n");
  expect_refused(launch(request()), Code::refused, "not encrypted for the key", "intent refused ");
}

TEST_F(HelperAsRoot, EncryptionMustBeWhatTheBindingSays) {
  encrypt();
  bind("");
  expect_refused(launch(request()), Code::denied, "names no key", "refused ");
  bind("    encryption: {key: test-key}\n");
  place(test::image_signed_by(signers().alice));
  expect_refused(launch(request()), Code::refused, "not encrypted", "refused ");
}

TEST_F(HelperAsRoot, WarnModeRunsWithANoticeButNeverWithAKey) {
  place(test::plain_image().build());
  expect_refused(launch(request()), Code::refused, "not signed", "refused ");
  bind("    mode: warn\n");
  const Launched launched = launch(request());
  EXPECT_EQ(launched.exit_status, 0) << launched.message;
  EXPECT_NE(launched.message.find("warning"), std::string::npos);
  EXPECT_EQ(launched.events(), "intent started ");
  EXPECT_EQ(launched.key, "");
  encrypt();
  bind("    encryption: {key: test-key}\n    mode: warn\n");
  EXPECT_NE(launch(request()).exit_status, 0);
}

TEST_F(HelperAsRoot, ATamperedImageIsRefused) {
  std::string image = test::read_file(path_);
  image[image.find("hsqs") + 50] ^= 1;
  place(image);
  expect_refused(launch(request()), Code::refused, "is bad", "refused ");
}

TEST_F(HelperAsRoot, WhoIsNotAllowedOrUnknownIsDenied) {
  expect_refused(launch(request(1)), Code::denied, "daemon", "refused ");
  expect_refused(launch(request(3999999999U)), Code::denied, "no account", "refused ");
  ASSERT_TRUE(keystore_->replace_images_text("version: 1\ndefault: reject\nimages: []\n"));
  expect_refused(launch(request()), Code::denied, "", "refused ");
}

TEST_F(HelperAsRoot, AMissingImageIsRecordedToo) {
  fs::remove(path_);
  expect_refused(launch(request()), Code::no_input, "image.sif", "refused ");
}

TEST_F(HelperAsRoot, ForbiddenBindsAreRefused) {
  for (const std::string& one :
       {directory_ / "keystore", directory_ / "cache", std::string("/tmp:/proc"),
        std::string("/tmp:/run/sifguard/job")}) {
    binds_ = {one};
    const Launched launched = launch(request());
    EXPECT_NE(launched.exit_status, 0) << one;
    EXPECT_EQ(launched.events(), "refused ") << one;
    EXPECT_EQ(launched.plan, "") << one;
  }
}

TEST_F(HelperAsRoot, WithoutANamespaceOfItsOwnNothingIsMounted) {
  const Launched launched = launch(request(), false);
  EXPECT_EQ(launched.exit_status, static_cast<int>(Code::internal));
  EXPECT_EQ(launched.events(), "failed ");
  EXPECT_EQ(launched.audit.back().value("uid", 0), 65534);
}

TEST_F(HelperAsRoot, GarbageInsteadOfARequestIsRefusedAndRecorded) {
  const std::string good = request();
  for (const std::string& message :
       {std::string(), std::string("garbage"), good.substr(0, good.size() - 1), good + "x"}) {
    const Launched launched = launch(message);
    EXPECT_NE(launched.exit_status, 0);
    EXPECT_GT(launched.exit_status, 0);
    EXPECT_EQ(launched.audit.size(), 1U);
  }
}

TEST_F(HelperAsRoot, ABrokenPolicyOrKeystoreIsRecorded) {
  test::write_file(directory_ / "keystore/images.yaml", "half: [");
  expect_refused(launch(request()), Code::config, "images.yaml", "failed ");
  ::chmod((directory_ / "keystore").c_str(), 0777);
  expect_refused(launch(request()), Code::config, "keystore", "failed ");
}

TEST_F(HelperAsRoot, WithoutAnAuditLogNothingIsLaunched) {
  fs::create_directory(directory_ / "audit.jsonl");
  EXPECT_EQ(launch(request()).plan, "");
  fs::create_directory(directory_ / "audit.jsonl");
  write_config("audit: {required: false}\n");
  EXPECT_NE(launch(request()).plan, "");
}

TEST_F(HelperAsRoot, ItIsOfNoUseToOthers) {
  const pid_t child = ::fork();
  if (child == 0) {
    if (::setresuid(test::kUser, test::kUser, test::kUser) != 0) ::_exit(1);
    const std::string program = std::string(SIFGUARD_BIN) + "/sifguard-helper";
    ::execl(program.c_str(), "sifguard-helper", "task", nullptr);
    ::_exit(64);  // it may not even be executable for them
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  EXPECT_EQ(WEXITSTATUS(status), 64);
}

}  // namespace
}  // namespace sifguard
