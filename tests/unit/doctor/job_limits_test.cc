// What depends on a job's account, partition, QOS or reservation.
#include "keystore/doctor/job_limits.h"

#include <gtest/gtest.h>

namespace sifguard {
namespace {

Binding binding(const std::string& name, const Audience& allow, std::optional<Audience> deny = {}) {
  Binding one;
  one.name = name;
  one.allow = allow;
  one.deny = std::move(deny);
  return one;
}

Policy of(std::vector<Binding> bindings) {
  Policy policy;
  policy.bindings = std::move(bindings);
  return policy;
}

const std::vector<std::string> kSome = {"x"};

TEST(JobLimits, NothingOfUsersGroupsAndNodes) {
  Audience ids;
  ids.users = ids.groups = ids.nodes = kSome;
  EXPECT_EQ(limited_by_job({}, {}), "");
  EXPECT_EQ(limited_by_job({}, of({binding("a", ids, ids), binding("b", ids)})), "");
  Config always;
  always.enforce = Enforce::always;
  EXPECT_EQ(limited_by_job(always, of({binding("a", ids)})), "");
}

TEST(JobLimits, EachOfTheFour) {
  for (auto fact :
       {&Audience::accounts, &Audience::partitions, &Audience::qos, &Audience::reservations}) {
    Audience audience;
    audience.*fact = kSome;
    EXPECT_EQ(limited_by_job({}, of({binding("a", audience)})), "binding 'a'");
  }
}

TEST(JobLimits, DenialsAndEnforcedPartitions) {
  Audience user;
  user.users = kSome;
  Audience partition;
  partition.partitions = kSome;
  const Policy policy = of({binding("a", user), binding("b", user, partition)});
  EXPECT_EQ(limited_by_job({}, policy), "binding 'b'");
  Config config;
  config.enforce = Enforce::partitions;
  EXPECT_EQ(limited_by_job(config, {}), "'enforce'");
  EXPECT_EQ(limited_by_job(config, policy), "'enforce', and 1 more,");
}

}  // namespace
}  // namespace sifguard
