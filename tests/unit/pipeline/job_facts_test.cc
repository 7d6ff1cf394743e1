// What Slurm vouches for about a job: the prolog's file and squeue's answer, forged and not.
#include "helper/pipeline/job_facts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "keystore/base/boot_id.h"
#include "tests/unit/base/temp_dir.h"

namespace sifguard {
namespace {

using namespace std::string_literals;
using test::TempDir;
using test::write_file;

constexpr JobIdentity kJob{42, 1001};
const std::string kBoot = "a1b2";

std::string record(const std::string& fields, const std::string& magic = "sifguard-job 1") {
  return magic + "\0"s + fields;
}
const std::string kIds = "SLURM_JOB_ID=42\0SLURM_JOB_UID=1001\0BOOT_ID=a1b2\0"s;
const std::string kNames = "SLURM_JOB_ACCOUNT=bio\0SLURM_JOB_PARTITION=secure\0"s;

Facts recorded(const std::string& text, const std::string& boot = kBoot) {
  Facts facts;
  read_job_record(text, kJob, boot, facts);
  return facts;
}
Facts reported(const std::string& text) {
  Facts facts;
  read_squeue(text, kJob, facts);
  return facts;
}
bool knows_nothing(const Facts& facts) {
  return !facts.account && !facts.partition && !facts.qos && !facts.reservation;
}

TEST(JobRecord, TellsWhatThePrologKnew) {
  const Facts facts = recorded(record(kIds + kNames));
  EXPECT_EQ(facts.account, "bio");
  EXPECT_EQ(facts.partition, "secure");
  EXPECT_FALSE(facts.qos) << "left out is not known";
  EXPECT_FALSE(facts.reservation);
}

TEST(JobRecord, SaysNothingAboutAnotherJobUserOrBoot) {
  EXPECT_TRUE(knows_nothing(recorded(record(kIds + kNames), "other")));
  EXPECT_TRUE(knows_nothing(recorded(record(kIds + kNames), "")));
  EXPECT_TRUE(knows_nothing(
      recorded(record("SLURM_JOB_ID=43\0SLURM_JOB_UID=1001\0BOOT_ID=a1b2\0"s + kNames))));
  EXPECT_TRUE(knows_nothing(
      recorded(record("SLURM_JOB_ID=42\0SLURM_JOB_UID=1002\0BOOT_ID=a1b2\0"s + kNames))));
  EXPECT_TRUE(knows_nothing(recorded(record("SLURM_JOB_ID=42\0SLURM_JOB_UID=1001\0"s + kNames))));
}

TEST(JobRecord, MalformedSaysNothing) {
  EXPECT_TRUE(knows_nothing(recorded("")));
  EXPECT_TRUE(knows_nothing(recorded(record(kIds + kNames, "sifguard-job 2"))));
  EXPECT_TRUE(knows_nothing(recorded(record(kIds + kNames + "SLURM_JOB_QOS=x"))));
  EXPECT_TRUE(knows_nothing(recorded(record(kIds + kNames + "SLURM_JOB_ACCOUNT=other\0"s))));
  EXPECT_TRUE(knows_nothing(recorded(record(kIds + kNames + "nonsense\0"s))));
  const std::string whole = record(kIds + kNames);
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_FALSE(recorded(whole.substr(0, size)).partition) << size;
  }
}

TEST(JobRecord, NamesWithBlanksOrLineEndsAreNotNames) {
  for (const std::string& value : {"a b"s, "a\nb"s, "a\tb"s, ""s, std::string(2000, 'a')}) {
    EXPECT_TRUE(knows_nothing(recorded(record(kIds + "SLURM_JOB_ACCOUNT=" + value + "\0"s))));
  }
}

TEST(JobRecord, DoesNotReplaceWhatIsKnown) {
  Facts facts;
  facts.account = "known";
  read_job_record(record(kIds + kNames), kJob, kBoot, facts);
  EXPECT_EQ(facts.account, "known");
}

std::string sluid_of(const std::string& fields, const std::string& boot = kBoot) {
  return read_sluid(record(fields), kJob, boot);
}

TEST(Sluid, IsWhatThePrologWasTold) {
  EXPECT_EQ(sluid_of(kIds + kNames + "SLURM_JOB_SLUID=s4ENM8Q13XA400\0"s), "s4ENM8Q13XA400");
  EXPECT_EQ(sluid_of(kIds + kNames), "") << "before 25.11";
}

TEST(Sluid, OfAnotherJobUserOrBootIsNone) {
  const std::string said = "SLURM_JOB_SLUID=s4ENM8Q13XA400\0"s;
  EXPECT_EQ(sluid_of(kIds + said, "other"), "");
  EXPECT_EQ(sluid_of(kIds + said, ""), "");
  EXPECT_EQ(sluid_of("SLURM_JOB_ID=43\0SLURM_JOB_UID=1001\0BOOT_ID=a1b2\0"s + said), "");
  EXPECT_EQ(sluid_of("SLURM_JOB_ID=42\0SLURM_JOB_UID=1002\0BOOT_ID=a1b2\0"s + said), "");
  EXPECT_EQ(sluid_of(said), "");
  EXPECT_EQ(sluid_of(kIds + said + said), "") << "twice";
}

TEST(Sluid, AnythingElseIsNone) {
  for (const std::string& value : {""s, "s"s, "D1C9ZQ"s, "42"s, "s 1"s, "s1\n"s, "s1,2"s, "s\"1"s,
                                   "s\xc3\xa4"s, "s" + std::string(40, '1')}) {
    EXPECT_EQ(sluid_of(kIds + "SLURM_JOB_SLUID=" + value + "\0"s), "") << value;
  }
}

TEST(Squeue, TellsAllFour) {
  const Facts facts = reported("42 1001 bio secure high maintenance\n");
  EXPECT_EQ(facts.account, "bio");
  EXPECT_EQ(facts.partition, "secure");
  EXPECT_EQ(facts.qos, "high");
  EXPECT_EQ(facts.reservation, "maintenance");
}

TEST(Squeue, NoReservationIsKnownAndNoAccountIsNot) {
  const Facts facts = reported("42 1001 (null) main normal (null)\n");
  EXPECT_FALSE(facts.account);
  EXPECT_EQ(facts.reservation, "");
}

TEST(Squeue, FindsTheElementOfAnArray) {
  EXPECT_EQ(reported("43 1001 bio main normal (null)\n42 1001 chem main normal (null)\n").account,
            "chem");
}

TEST(Squeue, AnythingElseSaysNothing) {
  for (const char* const answer :
       {"", "\n", "42 1001 bio secure high", "42 1001 bio secure high maintenance extra",
        "43 1001 bio secure high (null)", "42 1002 bio secure high (null)",
        "42 1001 bio secure high (null)\n42 1001 evil secure high (null)\n",
        "42 1001 bio secure high (null)\nslurm_load_jobs error: x\n", "042 1001 a b c d"}) {
    EXPECT_TRUE(knows_nothing(reported(answer))) << answer;
  }
}

/// A run directory of the test's own, with the prolog's file of kJob.
class RecordedJobTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_EQ(::mkdir((directory_ / "jobs").c_str(), 0700), 0);
    const auto boot = read_boot_id();
    ASSERT_TRUE(boot) << boot.error().line();
    write_file(file_, record("SLURM_JOB_ID=42\0SLURM_JOB_UID=1001\0BOOT_ID="s + *boot + "\0"s +
                             kNames + "SLURM_JOB_SLUID=s4ENM8Q13XA400\0"s));
  }
  [[nodiscard]] Result<RecordedJob> read(const JobIdentity& job = kJob) const {
    return RecordedJob::read(job, directory_.path());
  }
  static void says_nothing(const Result<RecordedJob>& recorded) {
    ASSERT_TRUE(recorded) << recorded.error().line();
    Facts facts;
    recorded->add_to(facts);
    EXPECT_TRUE(knows_nothing(facts));
    EXPECT_EQ(recorded->sluid(), "");
  }

  const TempDir directory_;
  const std::string file_ = directory_ / "jobs/42";
};

TEST_F(RecordedJobTest, IsReadOnce) {
  const auto recorded = read();
  ASSERT_TRUE(recorded) << recorded.error().line();
  ASSERT_EQ(::unlink(file_.c_str()), 0);
  Facts facts;
  recorded->add_to(facts);
  EXPECT_EQ(facts.partition, "secure");
  EXPECT_EQ(recorded->sluid(), "s4ENM8Q13XA400");
}

TEST_F(RecordedJobTest, AbsentSaysNothing) {
  says_nothing(RecordedJob::read(kJob, "/nonexistent"));
  says_nothing(read({43, 1001}));
}

TEST_F(RecordedJobTest, AnotherUsersSaysNothing) {
  says_nothing(read({42, 1002}));
}

TEST_F(RecordedJobTest, UntrustedIsAnError) {
  ASSERT_EQ(::chmod(file_.c_str(), 0666), 0);
  const auto recorded = read();
  ASSERT_FALSE(recorded);
  EXPECT_EQ(recorded.error().code(), Code::config);
}

}  // namespace
}  // namespace sifguard
