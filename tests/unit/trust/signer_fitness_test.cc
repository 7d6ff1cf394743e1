// By whose names no signature will ever count.
#include "keystore/trust/signer_fitness.h"

#include <gmock/gmock.h>

#include "keystore/x509/describe_certificate.h"
#include "tests/unit/store/store_fixture.h"
#include "tests/unit/x509/pki_data.h"

namespace sifguard {
namespace {

using ::testing::ElementsAre;
using ::testing::Field;
using ::testing::IsEmpty;
using ::testing::Pair;

class SignerFitnessTest : public test::StoreFixture {
 protected:
  void add(const std::string& certificate, const std::string& name) {
    const std::string pem = test::pem(certificate);
    const auto described = describe_signer_certificate(pem).value();
    SignerRecord record;
    record.id = "cert:" + described.digest;
    record.label = described.subject;
    record.algorithm = described.algorithm;
    record.created = described.not_before;
    record.expires = described.not_after;
    record.names = {name};
    ASSERT_TRUE(store_->add_signer(record, pem));
  }
};

TEST_F(SignerFitnessTest, ANameIsUnfitWhenAllOfItsCertificatesAre) {
  const std::string server = "x509:subject:CN=server";
  add("server", server);
  EXPECT_THAT(*unfit_names(*store_, {server, "x509:subject:CN=unknown"}, test::made_at()),
              ElementsAre(Pair(server, Field(&Unfit::why, "is not for code signing"))));
  add("carol", server);  // another certificate of the name
  EXPECT_THAT(*unfit_names(*store_, {server}, test::made_at()), IsEmpty());
}

TEST_F(SignerFitnessTest, TheRulesOfALaunchAreReadFromTheKeystore) {
  EXPECT_TRUE(launch_rules(*store_, Revocation::crl, test::made_at()));
  EXPECT_EQ(revocation_of("off"), Revocation::off);
  EXPECT_EQ(revocation_of("ocsp"), Revocation::ocsp);
  EXPECT_EQ(revocation_of("ocsp-then-crl"), Revocation::ocsp_then_crl);
  EXPECT_EQ(revocation_of("anything"), Revocation::crl);
}

}  // namespace
}  // namespace sifguard
