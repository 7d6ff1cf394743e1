// A gpg that is killed, that lacks something or contradicts itself says nothing about the image. A
// stand-in does so at one step and is the real gpg at all others. Root for the namespaces.
#include <sys/stat.h>

#include <string>

#include "tests/unit/verify/examine_fixture.h"

namespace sifguard {
namespace {

/// In the sandbox nobody sends signals. But the kernel kills what finds no memory at its start.
constexpr const char* kIsKilled = "ulimit -d 0; exec /bin/true";

class ExamineGpg : public Examine {
 protected:
  /// gpg, but for what `script` does in a call with `option`.
  void break_gpg_at(const std::string& option, const std::string& script) {
    stand_in("gpg", "case \" $* \" in *' " + option + " '*) " + script +
                        " ;; esac\nexec /usr/bin/gpg \"$@\"");
    options_.gpg = options_.libexec_dir + "/gpg";
  }
  void expect_no_fact(const std::string& option, const std::string& script) {
    SCOPED_TRACE(option + ": " + script);
    break_gpg_at(option, script);
    const auto facts = examine(image_, {key_});
    ASSERT_FALSE(facts) << "a fact: " << static_cast<int>((*facts)->signatures[0].status);
    EXPECT_EQ(facts.error().code(), Code::temporary) << facts.error().line();
  }
  void SetUp() override {
    Examine::SetUp();
    if (IsSkipped()) return;
    const test::TestGpg gpg;
    const std::string alice = gpg.generate("alice");
    image_ = test::signed_image(test::plain_image(), gpg, alice);
    key_ = gpg.public_key(alice);
  }
  std::string image_, key_;
};

TEST_F(ExamineGpg, TheStandInIsAsGoodAsGpg) {
  break_gpg_at("--no-such-option", "exit 2");
  const auto facts = examine(image_, {key_});
  ASSERT_TRUE(facts) << facts.error().line();
  EXPECT_EQ((*facts)->signatures[0].status, SignatureStatus::good);
}

TEST_F(ExamineGpg, OneThatIsKilledSaysNothing) {
  for (const char* option : {"--import", "--verify", "--list-keys"}) {
    expect_no_fact(option, kIsKilled);
  }
}

TEST_F(ExamineGpg, OneThatIsKilledAfterItsWordsIsNotBelieved) {
  expect_no_fact("--verify", std::string("/usr/bin/gpg \"$@\"; ") + kIsKilled);
}

TEST_F(ExamineGpg, OneThatEndsWithoutAJudgementHasMadeNone) {
  // Seen: "gpg: Fatal: out of core while allocating 8192 bytes", status 2.
  expect_no_fact("--verify", "exit 2");
  expect_no_fact("--verify", "exit 0");
  expect_no_fact("--verify", "exit 127");
}

TEST_F(ExamineGpg, OneThatContradictsItselfAboutAKeyHasLostIt) {
  expect_no_fact("--list-keys", "exit 2");
}

TEST_F(ExamineGpg, OneWithoutMemoryForTheSignatureHasNotJudgedIt) {
  // The descriptor behind --status-fd is what it reports to.
  const std::string words =
      "while test $1 != --status-fd; do shift; done; "
      "echo '[GNUPG:] NEWSIG' >&$2; "
      "echo '[GNUPG:] ERRSIG 4C0F416B9E523586 22 8 00 1795961773 32854' >&$2; exit 2";
  expect_no_fact("--verify", words);
}

}  // namespace
}  // namespace sifguard
