#include "keystore/store/removed_signers.h"

#include <sys/syscall.h>
#include <time.h>

#include "tests/unit/base/killed_at.h"
#include "tests/unit/store/store_fixture.h"

namespace sifguard {
namespace {

using test::write_file;

class RemovedSigners : public test::StoreFixture {
 protected:
  static SignerRecord raw(char digit = 'a') {
    SignerRecord record;
    record.id = "spki:" + std::string(64, digit);
    record.names = {record.id};
    return record;
  }
  static SignerRecord openpgp() {
    SignerRecord record;
    record.id = std::string(40, 'A');
    record.names = {record.id};
    return record;
  }
  void retire(const std::string& id, std::int64_t at) {
    ASSERT_TRUE(store_->set_signer_state(id, SignerState::retired, at, ""));
  }
  [[nodiscard]] std::size_t remembered() const { return removed_signers(*store_)->size(); }
};

TEST_F(RemovedSigners, WhoHadRetiredComesBackRetired) {
  ASSERT_TRUE(store_->add_signer(raw(), "PEM"));
  retire(raw().id, 1000);
  ASSERT_TRUE(store_->remove_signer(raw().id));
  EXPECT_TRUE(store_->signers()->empty());
  reopen();
  EXPECT_EQ(find_removed_signer(*store_, raw().id).value()->record.state_at, 1000);
  EXPECT_EQ(store_->add_signer(raw(), "PEM").value(), Keystore::Added::added);
  EXPECT_EQ(store_->find_signer(raw().id)->state, SignerState::retired);
  EXPECT_EQ(store_->find_signer(raw().id)->state_at, 1000);
  EXPECT_EQ(remembered(), 0U);
}

TEST_F(RemovedSigners, AnotherSignerDoesNot) {
  ASSERT_TRUE(store_->add_signer(raw(), "PEM"));
  retire(raw().id, 1000);
  ASSERT_TRUE(store_->remove_signer(raw().id));
  ASSERT_TRUE(store_->add_signer(raw('b'), "PEM"));
  EXPECT_EQ(store_->find_signer(raw('b').id)->state, SignerState::active);
  EXPECT_EQ(remembered(), 1U);
}

TEST_F(RemovedSigners, WhatWasTakenBackBeforeIsForgotten) {
  ASSERT_TRUE(store_->add_signer(raw(), "PEM"));
  retire(raw().id, 1000);
  ASSERT_TRUE(store_->remove_signer(raw().id));
  ASSERT_TRUE(store_->add_signer(raw(), "PEM"));
  ASSERT_TRUE(store_->set_signer_state(raw().id, SignerState::active, ::time(nullptr), ""));
  ASSERT_TRUE(store_->remove_signer(raw().id));
  EXPECT_EQ(remembered(), 0U);
  ASSERT_TRUE(store_->add_signer(raw(), "PEM"));
  EXPECT_EQ(store_->find_signer(raw().id)->state, SignerState::active);
}

TEST_F(RemovedSigners, AnOpenPgpKeyComesBackMergedAlone) {
  ASSERT_TRUE(store_->add_signer(openpgp(), "WITH REVOKED SUBKEY"));
  ASSERT_TRUE(store_->remove_signer(openpgp().id));
  expect_error(store_->add_signer(openpgp(), "OLDER"), Code::temporary, "was changed meanwhile");
  EXPECT_TRUE(store_->signers()->empty());
  ASSERT_TRUE(store_->add_signer(openpgp(), "MERGED", "WITH REVOKED SUBKEY"));
  EXPECT_EQ(store_->find_signer(openpgp().id)->state, SignerState::active);
  EXPECT_EQ(store_->signer_key(openpgp().id).value(), "MERGED");
}

TEST_F(RemovedSigners, OneThatIsDamagedKeepsItselfOut) {
  ASSERT_TRUE(store_->add_signer(raw(), "PEM"));
  retire(raw().id, 1000);
  ASSERT_TRUE(store_->remove_signer(raw().id));
  write_file(path() + "/removed/spki-" + std::string(64, 'a') + "/meta.json", "{}");
  expect_error(store_->add_signer(raw(), "PEM"), Code::config, "removed/spki-");
  EXPECT_TRUE(store_->signers()->empty());
  EXPECT_TRUE(store_->add_signer(raw('b'), "PEM"));
}

/// Wherever either is killed, the signer is there as it was, or comes back as it was.
TEST_F(RemovedSigners, KilledAnywhere) {
  for (const auto call : {SYS_mkdirat, SYS_renameat2, SYS_renameat, SYS_fsync, SYS_unlinkat}) {
    ASSERT_TRUE(store_->add_signer(raw(), "PEM"));
    if (store_->find_signer(raw().id)->state == SignerState::active) retire(raw().id, 1000);
    (void)test::killed_at(static_cast<unsigned>(call),
                          [&] { (void)store_->remove_signer(raw().id); });
    (void)test::killed_at(static_cast<unsigned>(call),
                          [&] { (void)store_->add_signer(raw(), "PEM"); });
    ASSERT_TRUE(store_->add_signer(raw(), "PEM"));
    EXPECT_EQ(store_->find_signer(raw().id)->state, SignerState::retired) << call;
    EXPECT_EQ(remembered(), 0U) << call;
  }
}

}  // namespace
}  // namespace sifguard
