-- Health of a CgroupPolicy. Its status follows kstatus: Ready means that this generation is evaluated and applied, Compliant
-- that everything complies with the policy. For the meaning of each state, see docs/gitops.md in
-- https://github.com/cgroup-policy/cgroup-policy. Needs only the base library.

-- Reasons of Ready=False that need an administrator. All others clear on their own and must not fail a sync, for example a
-- restart of the API server.
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

-- The areas that Compliant summarizes.
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

-- Appends the conditions of the areas with this status.
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
-- Kubelets with the configuration of this policy would not start: the policy is wrong, in either mode.
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
-- An unknown state (a kubelet that does not answer, a kernel without PSI) is not a fault of the synced policy, and may last as
-- long as the node exists.
if is("Compliant", "Unknown") then
  return health("Healthy", explained("Not everything could be checked", "Unknown"))
end
return health("Healthy", conditions.Ready.message)
