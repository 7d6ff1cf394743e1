// A certificate on its way to its file, cut at each of its steps: withdrawn where the index knows
// nothing of it, gone on with where it does, and never given to another command.
#include "keystore/ca/certificate_handover.h"

#include <sys/wait.h>
#include <time.h>

#include "keystore/base/text.h"
#include "keystore/ca/authority.h"
#include "keystore/crypto/digest.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

using Lines = std::vector<std::string>;

constexpr const char* kKey = "the holder's key";
constexpr const char* kLeft = ".0123456789abcdef.tmp";

class HandoverTest : public test::StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    CaOptions options;
    options.algorithm = KeyAlgorithm::p256;
    options.subject = "/O=Example/CN=Root";
    ASSERT_TRUE(init_ca(*store_, options, now_));
    like_.certificate = dir_ / "carol.pem";
    like_.key = dir_ / "carol.key";
    like_.key_digest = to_hex(*sha256(as_bytes(kKey)));
    like_.request = std::string(64, 'a');
  }
  /// Issues carol's certificate; her key's file is written first, as by `sifctl ca issue`.
  Result<Issued> issue(const std::function<Status()>& stage,
                       const std::function<Status()>& publish) {
    const Pkey key = generate_key(KeyAlgorithm::p256).value();
    IssueOptions options;
    options.profile = Profile::signer;
    options.name = "carol";
    options.key = key.get();
    options.record.handover = like_;
    options.record.stage = [&](const std::string&) {
      test::write_file(like_.key, kKey);
      return stage();
    };
    options.record.publish = publish;
    return issue_certificate(*store_, options, now_);
  }
  /// The process dies in one of the two.
  void dies_in(bool stage) {
    const auto die = []() -> Status { ::_exit(7); };
    const auto go_on = []() -> Status { return {}; };
    const pid_t child = ::fork();
    if (child == 0) {
      (void)issue(stage ? std::function<Status()>(die) : go_on, die);
      ::_exit(0);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    ASSERT_EQ(WEXITSTATUS(status), 7);
    ASSERT_EQ(notes(), 1U);
  }
  [[nodiscard]] std::size_t notes() const { return handover_serials(*store_)->size(); }
  [[nodiscard]] std::size_t issued() const { return ca_index(*store_)->issued.size(); }
  /// Certificates that the CA keeps.
  [[nodiscard]] std::size_t copies() const {
    const std::string directory = path() + "/ca/certificates";
    return is_there(directory) ? entries_of("ca/certificates").size() : 0;
  }
  [[nodiscard]] static bool is_there(const std::string& path) {
    return std::filesystem::exists(path);
  }
  [[nodiscard]] std::string recorded() const { return ca_index(*store_)->issued.back().serial; }
  [[nodiscard]] Result<std::optional<FinishedHandover>> finish(const Handover& like) {
    return finish_handover(*store_, like, [&](const std::string& pem) -> Status {
      put_.push_back(pem);
      test::write_file(like.certificate, pem);
      return {};
    });
  }

  std::int64_t now_ = ::time(nullptr);
  Handover like_;
  Lines put_;
};

TEST_F(HandoverTest, LeavesNothingWhenAllIsDone) {
  const auto done = issue([]() -> Status { return {}; }, []() -> Status { return {}; });
  ASSERT_TRUE(done) << done.error().line();
  EXPECT_EQ(notes(), 0U);
  EXPECT_EQ(recorded(), done->record.serial);
  EXPECT_EQ(read_ca_certificate(*store_, recorded()).value(), done->pem);
  EXPECT_FALSE(finish(like_).value()) << "there is nothing to go on with";
}

TEST_F(HandoverTest, WhatWasNotRecordedIsWithdrawn) {
  dies_in(true);
  EXPECT_EQ(open_handovers(*store_).value(), Lines()) << "on its way, as far as one can see";
  EXPECT_TRUE(is_there(like_.key)) << "looking changes nothing";
  EXPECT_FALSE(finish(like_).value());
  EXPECT_EQ(settle_handovers(*store_).value(), Lines());
  EXPECT_FALSE(is_there(like_.key));
  EXPECT_EQ(notes(), 0U);
  EXPECT_EQ(issued(), 0U);
  EXPECT_EQ(copies(), 0U);
}

TEST_F(HandoverTest, WhatIsHalfMadeBesideItGoesToo) {
  dies_in(true);
  const std::string half = dir_ / (std::string(".carol.key") + kLeft);
  const std::string before = dir_ / (std::string(".before-carol.key") + kLeft);
  const std::string foreign = dir_ / (std::string(".carol.key2") + kLeft);
  for (const std::string& path : {half, before, foreign}) test::write_file(path, "a key");
  std::filesystem::rename(like_.key, dir_ / "elsewhere");
  ASSERT_TRUE(settle_handovers(*store_));
  EXPECT_FALSE(is_there(half));
  EXPECT_EQ(test::read_file(like_.key), "a key") << "without carol.key it is the only copy";
  EXPECT_FALSE(is_there(before));
  EXPECT_TRUE(is_there(foreign));
  EXPECT_TRUE(is_there(dir_ / "elsewhere"));
}

/// With --force: the old key may be in use, and there is no other copy of it.
TEST_F(HandoverTest, WhatTheKeyReplacedIsPutBackAndTold) {
  dies_in(true);
  const std::string before = dir_ / (std::string(".before-carol.key") + kLeft);
  test::write_file(before, "the old key");
  const auto lines = settle_handovers(*store_);
  ASSERT_TRUE(lines);
  ASSERT_EQ(lines->size(), 1U);
  EXPECT_EQ(lines->front().find(like_.key + " is again what it was before"), 0U) << lines->front();
  EXPECT_EQ(test::read_file(like_.key), "the old key");
  EXPECT_FALSE(is_there(before));
  EXPECT_EQ(notes(), 0U);
}

TEST_F(HandoverTest, ASecondNameOfTheOldKeyGoesAndTheKeyStays) {
  dies_in(true);
  test::write_file(like_.key, "the old key");
  const std::string before = dir_ / (std::string(".before-carol.key") + kLeft);
  std::filesystem::create_hard_link(like_.key, before);
  EXPECT_EQ(settle_handovers(*store_).value(), Lines());
  EXPECT_EQ(test::read_file(like_.key), "the old key");
  EXPECT_FALSE(is_there(before));
}

/// Another's by now: nobody knows which of the two is good.
TEST_F(HandoverTest, WhatWasSetAsideStaysBesideAnothersKey) {
  dies_in(true);
  test::write_file(like_.key, "another key");
  const std::string before = dir_ / (std::string(".before-carol.key") + kLeft);
  test::write_file(before, "the old key");
  EXPECT_EQ(settle_handovers(*store_).value(), Lines());
  EXPECT_EQ(test::read_file(like_.key), "another key");
  EXPECT_EQ(test::read_file(before), "the old key");
}

TEST_F(HandoverTest, AKeyThatIsAnothersByNowStays) {
  dies_in(true);
  test::write_file(like_.key, "another key");
  ASSERT_TRUE(settle_handovers(*store_));
  EXPECT_EQ(test::read_file(like_.key), "another key");
  EXPECT_EQ(notes(), 0U);
}

TEST_F(HandoverTest, WhatWasRecordedGoesOnWithTheSameCommandAlone) {
  dies_in(false);
  const std::string told = "certificate " + recorded() + " ('carol') is recorded, but ";
  for (const auto& lines : {open_handovers(*store_).value(), settle_handovers(*store_).value()}) {
    ASSERT_EQ(lines.size(), 1U);
    EXPECT_EQ(lines.front().substr(0, told.size()), told);
    EXPECT_NE(lines.front().find("before it wrote " + like_.certificate), std::string::npos);
  }
  for (std::string Handover::*part : {&Handover::certificate, &Handover::key, &Handover::request}) {
    Handover other = like_;
    other.*part += "x";
    EXPECT_FALSE(finish(other).value()) << other.*part;
  }
  EXPECT_EQ(notes(), 1U);
  const auto done = finish(like_);
  ASSERT_TRUE(done && *done);
  EXPECT_EQ((*done)->record.serial, recorded());
  EXPECT_EQ(put_, Lines{read_ca_certificate(*store_, recorded()).value()});
  EXPECT_EQ(notes(), 0U);
  EXPECT_EQ(issued(), 1U);
  EXPECT_EQ(test::read_file(like_.key), kKey);
}

TEST_F(HandoverTest, WhatIsInItsPlaceIsNotWrittenAgain) {
  dies_in(false);
  test::write_file(like_.certificate, read_ca_certificate(*store_, recorded()).value());
  EXPECT_EQ(open_handovers(*store_).value(), Lines());
  ASSERT_TRUE(finish(like_).value());
  EXPECT_EQ(put_, Lines());
  EXPECT_EQ(notes(), 0U);
}

TEST_F(HandoverTest, WithoutItsKeyItIsNobodys) {
  dies_in(false);
  std::filesystem::remove(like_.key);
  EXPECT_FALSE(finish(like_).value());
  const auto lines = settle_handovers(*store_).value();
  ASSERT_EQ(lines.size(), 1U);
  EXPECT_NE(lines.front().find("its key is not in " + like_.key + ": sifctl ca revoke " +
                               recorded() + " --reason superseded"),
            std::string::npos);
  ASSERT_TRUE(revoke_certificate(*store_, recorded(), "superseded", now_));
  EXPECT_EQ(settle_handovers(*store_).value(), Lines()) << "revoked, it matters no more";
  EXPECT_EQ(notes(), 0U);
}

TEST_F(HandoverTest, ARevokedOneIsNotGoneOnWith) {
  dies_in(false);
  ASSERT_TRUE(revoke_certificate(*store_, recorded(), "keyCompromise", now_));
  EXPECT_FALSE(finish(like_).value());
  EXPECT_EQ(put_, Lines());
}

TEST_F(HandoverTest, WhereTheKeyCannotBePutNothingIsRecorded) {
  const auto failed = issue([]() -> Status { return fail(Code::temporary, "no space"); },
                            []() -> Status { return {}; });
  expect_error(failed, Code::temporary, "no space");
  EXPECT_EQ(failed.error().what().find("recorded"), std::string::npos);
  EXPECT_EQ(issued(), 0U);
  EXPECT_EQ(notes(), 0U);
  EXPECT_EQ(copies(), 0U);
}

TEST_F(HandoverTest, WhereTheCertificateCannotBePutTheRepeatGoesOn) {
  const auto failed = issue([]() -> Status { return {}; },
                            []() -> Status { return fail(Code::temporary, "no space"); });
  expect_error(failed, Code::temporary, " is issued and recorded, but no space");
  EXPECT_NE(failed.error().remedy().find("repeat the command"), std::string::npos);
  EXPECT_EQ(notes(), 1U);
  const auto still = finish_handover(*store_, like_, [](const std::string&) -> Status {
    return fail(Code::temporary, "no space");
  });
  expect_error(still, Code::temporary, "no space");
  EXPECT_EQ(notes(), 1U);
  EXPECT_TRUE(finish(like_).value());
}

TEST_F(HandoverTest, ADamagedNoteIsNamedWithWhatToDo) {
  dies_in(false);
  const std::string note = path() + "/ca/handovers/" + recorded();
  const std::string good = test::read_file(note);
  for (const std::string& text : {std::string(), std::string("{"), good.substr(0, good.size() / 2),
                                  good.substr(0, good.rfind('}')) + ", \"more\": 1}"}) {
    test::write_file(note, text);
    for (const auto& lines : {open_handovers(*store_), settle_handovers(*store_)}) {
      expect_error(lines, Code::config,
                   "the note about a certificate that is being delivered is damaged");
      EXPECT_NE(lines.error().remedy().find("rm " + note), std::string::npos);
    }
    EXPECT_FALSE(finish(like_));
    EXPECT_TRUE(is_there(note)) << "nothing is removed unread";
  }
}

}  // namespace
}  // namespace sifguard
