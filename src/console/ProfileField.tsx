import type { ProfileItem } from '../client/createClient.ts';

type Properties = Readonly<{
  profiles: readonly ProfileItem[];
  chosen: string | undefined;
  choose: (name: string) => void;
}>;

/** Nothing where there is nothing to choose. */
export function ProfileField({ profiles, chosen, choose }: Properties) {
  if (profiles.length < 2) return null;
  const value = chosen ?? profiles.find((profile) => profile.default)?.name;
  return (
    <label>
      Profile
      <select value={value} onChange={(event) => choose(event.currentTarget.value)}>
        {profiles.map(({ name, title }) => (
          <option key={name} value={name}>
            {title ?? name}
          </option>
        ))}
      </select>
    </label>
  );
}
