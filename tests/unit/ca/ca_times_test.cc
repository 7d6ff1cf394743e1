#include "keystore/ca/ca_times.h"

#include <time.h>

#include "keystore/base/clock.h"
#include "keystore/ca/authority.h"
#include "keystore/x509/asn1_time.h"
#include "keystore/x509/certificate_path.h"
#include "keystore/x509/trust_file.h"
#include "tests/unit/ca/make_ca.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

constexpr std::int64_t kYears = 14 * 365 * kDay;

Status check_ca_clock(const Keystore& keystore, std::int64_t now) {
  SG_TRY(const auto times, ca_times(keystore));
  return check_clock(times, now);
}

class CaClock : public test::StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    (void)test::make_ca(*store_, now_);
  }
  [[nodiscard]] MadeCrl list(std::int64_t at) const {
    return make_crls(*store_, "root", 7, at).value().front();
  }
  [[nodiscard]] std::int64_t this_update(const MadeCrl& list) const {
    return read_revocation_list(list.pem).value().from;
  }

  std::int64_t now_ = ::time(nullptr);
};

TEST_F(CaClock, IsBelievedForHalfAYear) {
  EXPECT_TRUE(check_ca_clock(*store_, now_));
  EXPECT_TRUE(check_ca_clock(*store_, now_ + 180 * kDay));
  expect_error(check_ca_clock(*store_, now_ + 184 * kDay), Code::temporary,
               "but the CA was used last ");
  (void)list(now_ + 170 * kDay);
  EXPECT_TRUE(check_ca_clock(*store_, now_ + 350 * kDay)) << "it was used meanwhile";
}

TEST_F(CaClock, IsNotBehindTheLastList) {
  (void)list(now_ + kDay);
  EXPECT_TRUE(check_ca_clock(*store_, now_ + kDay - kClockSkew)) << "clocks differ a little";
  expect_error(check_ca_clock(*store_, now_), Code::temporary,
               "the last revocation list of the root CA was made ");
  expect_error(check_ca_clock(*store_, now_ - kYears), Code::temporary, "--accept-clock");
}

TEST_F(CaClock, OnceAcceptedTheNextListIsOfNow) {
  const MadeCrl wrong = list(now_ + kYears);
  const MadeCrl right = list(now_);
  EXPECT_LE(this_update(right), now_);
  EXPECT_GT(right.number, wrong.number) << "numbers only grow";
  EXPECT_TRUE(check_ca_clock(*store_, now_)) << "and it is believed again";
  EXPECT_GT(list(now_ + 60).number, right.number);
}

TEST_F(CaClock, ARevocationVouchesForNone) {
  IssueOptions options;
  options.profile = Profile::signer;
  options.name = "carol";
  const auto key = generate_key(KeyAlgorithm::p256);
  options.key = key->get();
  const auto issued = issue_certificate(*store_, options, now_);
  ASSERT_TRUE(issued);
  const std::int64_t ahead = now_ + kYears;
  ASSERT_TRUE(revoke_certificate(*store_, issued->record.serial, "superseded", ahead));
  expect_error(check_ca_clock(*store_, ahead), Code::temporary, "but the CA was used last ");
  EXPECT_TRUE(check_ca_clock(*store_, now_)) << "nor does it hold anything up";
  (void)list(now_);
  const auto index = ca_index(*store_).value();
  EXPECT_EQ(index.find(issued->record.serial)->revoked_at, now_) << "no list names the future";
  (void)list(now_ + kDay);
  EXPECT_EQ(ca_index(*store_).value().find(issued->record.serial)->revoked_at, now_);
}

TEST_F(CaClock, OfAnotherPlaceIsNone) {
  const std::string elsewhere = dir_ / "elsewhere";
  ASSERT_TRUE(Keystore::init(elsewhere, trust()));
  expect_error(check_ca_clock(Keystore::open(elsewhere, trust()).value(), now_), Code::config,
               "sifctl ca init");
}

}  // namespace
}  // namespace sifguard
