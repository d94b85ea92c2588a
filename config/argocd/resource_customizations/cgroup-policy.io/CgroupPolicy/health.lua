-- Health of a CgroupPolicy. Its status is made for kstatus: Ready is about this generation being evaluated and applied,
-- Compliant about everything being as the policy says. What it means, and why: docs/gitops.md of
-- https://github.com/cgroup-policy/cgroup-policy. Needs no library but the base one.

-- Reasons of Ready=False that an administrator must act on. All others clear without that, and are not a failure
-- of a sync: an API server that restarts, say.
local lasting = {
  ExceededQuota = true,
  Forbidden = true,
  HeldByInvalidPolicy = true,
  InternalError = true,
  InvalidSpec = true,
  Rejected = true,
  RejectedByAdmission = true,
  RemedyConflict = true,
}

-- What Compliant sums up.
local areas = {"NamespacesCompliant", "WorkloadsCompliant", "NodesCompliant", "PressureNormal"}

local function health(status, message)
  return {status = status, message = message}
end

if obj.metadata.deletionTimestamp ~= nil then
  return health("Progressing", "Pending deletion")
end

local status = obj.status
if status == nil or status.conditions == nil or status.observedGeneration ~= obj.metadata.generation then
  return health("Progressing", "Waiting for the operator to evaluate this generation")
end

local conditions = {}
for _, condition in ipairs(status.conditions) do
  conditions[condition.type] = condition
end

local function is(type, value)
  return conditions[type] ~= nil and conditions[type].status == value
end

local function says(type)
  return type .. " is " .. conditions[type].status .. ", " .. conditions[type].reason .. ": " .. conditions[type].message
end

-- The areas that are not as they should be, after what is common to them.
local function explained(message, value)
  for _, area in ipairs(areas) do
    if is(area, value) then
      message = message .. "; " .. says(area)
    end
  end
  return message
end

if is("Stalled", "True") then
  return health("Degraded", says("Stalled"))
end
if is("Ready", "False") and lasting[conditions.Ready.reason] then
  return health("Degraded", says("Ready"))
end
if not is("Ready", "True") then
  return health("Progressing", conditions.Ready == nil and "Waiting for condition Ready" or says("Ready"))
end
if is("Reconciling", "True") then
  return health("Progressing", says("Reconciling"))
end
if conditions.Compliant == nil then
  return health("Progressing", "Waiting for condition Compliant")
end
-- A kubelet configured as this policy says would not start or not comply: the policy is wrong, in either mode.
if is("KubeletConfigUnsafe", "True") then
  return health("Degraded", says("KubeletConfigUnsafe"))
end
if is("Compliant", "False") then
  local found = explained(conditions.Compliant.message, "False")
  if obj.spec.mode ~= "Enforce" then
    return health("Healthy", "Audit: " .. found)
  end
  if status.preview ~= nil and status.preview.waiting > 0 then -- the rollout is WhenSafe
    found = found .. "; " .. says("Ready")
  end
  return health("Degraded", found)
end
-- A kubelet that does not answer, or a kernel without PSI, is not a fault of what was synced, and may stay so for as long as
-- the node exists.
if is("Compliant", "Unknown") then
  return health("Healthy", explained("Some results are unknown", "Unknown"))
end
return health("Healthy", conditions.Ready.message)
